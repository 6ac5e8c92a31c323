using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>
/// A synthesis step inside an ML.NET model: a header in the main stream (<see cref="ModelHeaderFormat{T}"/>), nothing beside it.
/// </summary>
internal static class SynthesisModelFormat
{
    // Part of every saved model: frozen. Models of before this assembly existed have the loader "SynCseTriplets", which the assembly
    // Microsoft.ML.SynCse keeps.
    internal const string LoaderSignature = "SynCseTripletSynthesis";
    internal const string ModelSignature = "SYNCSETR";

    // 0x00010001 = 1.1. A version that older code can still read raises Written only; one that it cannot raises Readable too.
    internal const uint Written = 0x00010001;
    private const uint Readable = 0x00010001;
    private const uint OldestRead = 0x00010001;

    private static readonly ModelHeaderFormat<SynthesisModelHeader> _header = new("SynCse triplet synthesis",
        new(ModelSignature, Written, Readable, OldestRead, typeof(SynthesisModelFormat).Assembly.GetName().Name, LoaderSignature),
        SynthesisModelJson.Default.SynthesisModelHeader);

    /// <summary>Writes the header.</summary>
    public static void Save(ModelSaveContext context, SynthesisModelHeader header)
    {
        _header.Begin(context);
        _header.Write(context, header);
    }

    /// <summary>Reads what <see cref="Save"/> wrote: a step without a client.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged.</exception>
    public static TripletSynthesisTransformer Load(IHostEnvironment environment, ModelLoadContext context)
    {
        var header = _header.Read(context);
        try
        {
            header.Options.ToOptions().Validate();
        }
        catch (ArgumentException error)
        {
            throw _header.Damaged(context, error);
        }
        return new TripletSynthesisTransformer(environment, header, engine: null);
    }
}

/// <summary>What a saved synthesis step keeps: never the client, a key, or a text that was written.</summary>
internal sealed record SynthesisModelHeader
{
    public required string InputColumn { get; init; }

    public required string PositiveColumn { get; init; }

    public required string NegativeColumn { get; init; }

    public required SynthesisModelOptions Options { get; init; }
}

/// <summary>
/// What a model file holds of <see cref="TripletSynthesisOptions"/>, by the table <see cref="SynthesisOptions.Triplets"/>: the values, and
/// of what is code (rules of one's own, pair checks, delegates, loggers) the names.
/// </summary>
[JsonConverter(typeof(Converter))]
internal sealed class SynthesisModelOptions
{
    private readonly TripletSynthesisOptions _values;
    private readonly IReadOnlyList<string> _rules, _ownRules, _pairChecks, _delegates;

    // _ownRules: those of _rules that are not of ReplyRules.Default.
    private SynthesisModelOptions(TripletSynthesisOptions values, IReadOnlyList<string> rules, IReadOnlyList<string> ownRules,
        IReadOnlyList<string> pairChecks, IReadOnlyList<string> delegates)
        => (_values, _rules, _ownRules, _pairChecks, _delegates) = (values, rules, ownRules, pairChecks, delegates);

    /// <summary>What can be saved of these options.</summary>
    public static SynthesisModelOptions Of(TripletSynthesisOptions o) => new(
        SavedValues.Aggregate(new TripletSynthesisOptions(), (values, option) => option.With(values, option.Of(o))),
        [.. o.Rules.Select(r => r.Name)],
        [.. o.Rules.Where(r => !ReplyRules.Default.Contains(r)).Select(r => r.Name)],
        [.. o.PairChecks.Select(c => c.Name)],
        [.. SynthesisOptions.Triplets.Where(option => option.Saved == SavedPart.IsSet && option.Of(o) is not null)
            .Select(option => option.Name)]);

    /// <summary>The options, without what a file cannot hold.</summary>
    public TripletSynthesisOptions ToOptions() => _values with
    {
        Rules = [.. _rules.Where(name => !IsForeign(name)).Select(name => ReplyRules.Default.First(r => r.Name == name))],
    };

    /// <summary>Throws if something that changes texts was there when these were made, and is not in the options given now.</summary>
    /// <exception cref="InvalidOperationException">Names what is missing, and how to give it.</exception>
    public void RequireAgain(TripletSynthesisOptions given, string columns)
    {
        string[] rules = [.. _rules.Except(given.Rules.Select(r => r.Name)).Where(IsForeign)];
        string[] checks = [.. _pairChecks.Except(given.PairChecks.Select(c => c.Name))];
        bool redact = _delegates.Contains(nameof(given.Redact)) && given.Redact is null;
        if (rules.Length == 0 && checks.Length == 0 && !redact) return;
        List<string> missing = [];
        if (rules.Length > 0) missing.Add($"{nameof(given.Rules)} with {Names(rules)}");
        if (checks.Length > 0) missing.Add($"{nameof(given.PairChecks)} with {Names(checks)}");
        if (redact) missing.Add(nameof(given.Redact));
        throw new InvalidOperationException($"The synthesis step {columns} was made with parts that a model file cannot hold, "
            + $"and without them it would write other texts: {string.Join("; ", missing)}. "
            + "Give them again: UseChatClient(client, options => options with { ... }).");
    }

    private static IEnumerable<SynthesisOption<TripletSynthesisOptions>> SavedValues
        => SynthesisOptions.Triplets.Where(option => option.Saved is SavedPart.Value or SavedPart.OptionalValue);

    /// <summary>Whether a rule is the user's, or one that this version no longer has.</summary>
    private bool IsForeign(string rule) => _ownRules.Contains(rule) || ReplyRules.Default.All(r => r.Name != rule);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));

    /// <summary>One JSON object: the values by their names, then the four lists of names.</summary>
    internal sealed class Converter : JsonConverter<SynthesisModelOptions>
    {
        private const string Rules = "Rules", OwnRules = "OwnRules", PairChecks = "PairChecks", Delegates = "Delegates";

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, SynthesisModelOptions value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var option in SavedValues)
            {
                writer.WritePropertyName(option.SavedName);
                JsonSerializer.Serialize(writer, option.Of(value._values), option.Json);
            }
            (string, IReadOnlyList<string>)[] lists =
            [
                (Rules, value._rules), (OwnRules, value._ownRules), (PairChecks, value._pairChecks), (Delegates, value._delegates),
            ];
            foreach (var (name, list) in lists)
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, list, SynthesisOptionJson.Default.IReadOnlyListString);
            }
            writer.WriteEndObject();
        }

        /// <inheritdoc/>
        public override SynthesisModelOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object) throw new JsonException("the options are no object");
            var values = new TripletSynthesisOptions();
            foreach (var option in SavedValues)
            {
                if (json.TryGetProperty(option.SavedName, out var value)) values = option.With(values, value.Deserialize(option.Json));
                else if (option.Saved == SavedPart.OptionalValue) values = option.Without(values);
                else throw Missing(option.SavedName);
            }
            return new(values, List(Rules), List(OwnRules), List(PairChecks), List(Delegates));

            IReadOnlyList<string> List(string name) => json.TryGetProperty(name, out var list)
                ? list.Deserialize(SynthesisOptionJson.Default.IReadOnlyListString) ?? throw Missing(name) : throw Missing(name);
        }

        private static JsonException Missing(string name) => new($"the option '{name}' is missing");
    }
}

/// <summary>The JSON of <see cref="SynthesisModelHeader"/>.</summary>
[JsonSerializable(typeof(SynthesisModelHeader))]
internal sealed partial class SynthesisModelJson : JsonSerializerContext;
