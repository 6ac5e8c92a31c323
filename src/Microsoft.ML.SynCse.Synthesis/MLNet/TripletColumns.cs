using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>The columns of a synthesis step: the one it reads, and those it adds.</summary>
/// <param name="Input">The sentences.</param>
/// <param name="Positive">The positives.</param>
/// <param name="Negative">The hard negatives; null if none are written.</param>
/// <param name="Positives">Positives a sentence.</param>
/// <param name="Negatives">Hard negatives a sentence.</param>
internal sealed record TripletColumns(string Input, string Positive, string? Negative, int Positives, int Negatives)
{
    /// <summary>What messages call the column that is read.</summary>
    public const string InputRole = "input";

    /// <summary>The columns, for messages.</summary>
    public string Names => Negative is null ? $"'{Input}' -> '{Positive}'" : $"'{Input}' -> '{Positive}', '{Negative}'";

    /// <summary>The columns for these options.</summary>
    public static TripletColumns Of(string input, string positive, string negative, TripletSynthesisOptions options)
        => new(input, positive, options.NegativesPerSentence > 0 ? negative : null, options.PositivesPerSentence,
            options.NegativesPerSentence);

    /// <summary>The added columns, in the order of <see cref="Getter"/>'s index.</summary>
    public DataViewSchema.DetachedColumn[] Added() => [.. Outputs().Select(o => new DataViewSchema.DetachedColumn(o.Name, Type(o.Count)))];

    /// <summary>The shape with the columns added; columns of their names are replaced.</summary>
    public SchemaShape AddTo(SchemaShape schema)
    {
        var columns = schema.ToDictionary(c => c.Name);
        foreach (var (name, count) in Outputs())
            columns[name] = new SchemaShape.Column(name, count > 1 ? SchemaShape.Column.VectorKind.Vector
                : SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false);
        return new SchemaShape(columns.Values);
    }

    /// <summary>Reads an added column.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="current">The current row's outcome; a rejected one gives empty text.</param>
    public Delegate Getter(int index, Func<SynthesisOutcome> current)
    {
        int count = index == 0 ? Positives : Negatives;
        IReadOnlyList<string>? Texts() => current().Example is { } example ? index == 0 ? example.Positives : example.Negatives : null;
        if (count == 1)
        {
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Texts() is { } texts
                ? texts[0].AsMemory() : default);
        }
        return (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            var texts = Texts();
            var editor = VBufferEditor.Create(ref value, count);
            for (int i = 0; i < count; i++) editor.Values[i] = texts is null ? default : texts[i].AsMemory();
            value = editor.Commit();
        });
    }

    /// <summary>Text, or a vector of as many texts as there are.</summary>
    public static DataViewType Type(int count)
        => count == 1 ? TextDataViewType.Instance : new VectorDataViewType(TextDataViewType.Instance, count);

    private IEnumerable<(string Name, int Count)> Outputs()
    {
        yield return (Positive, Positives);
        if (Negative is not null) yield return (Negative, Negatives);
    }
}
