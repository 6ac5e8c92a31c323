using System.Text;
using System.Text.Json;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace SynCse.Samples;

/// <summary>
/// JSON Lines to train on: an object a line, whose fields are texts or lists of texts (as <c>synthesize</c> and Hugging Face's datasets
/// write them), or lists without names.
/// </summary>
internal sealed class TripletJsonFile
{
    private readonly string _path;
    private readonly Encoding? _encoding;

    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding; null: UTF-8, or what a byte order mark says.</param>
    /// <param name="noHeader">Whether the lines are lists, whose texts go by their order.</param>
    /// <exception cref="InvalidDataException">A line is no such object or list, or there is none.</exception>
    public TripletJsonFile(string path, Encoding? encoding, bool noHeader)
    {
        (_path, _encoding) = (path, encoding);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}'.");
        var names = new List<string>();
        int longest = 0;
        foreach (var (number, line) in Documents())
        {
            using (line)
            {
                var root = line.RootElement;
                if (root.ValueKind != (noHeader ? JsonValueKind.Array : JsonValueKind.Object))
                    throw WrongKind(number, root.ValueKind, noHeader);
                if (noHeader) longest = Math.Max(longest, root.GetArrayLength());
                else names.AddRange(root.EnumerateObject().Select(field => field.Name).Except(names, StringComparer.Ordinal).ToArray());
            }
        }
        Names = noHeader ? [.. Enumerable.Repeat("", longest)] : names;
        if (Names.Count == 0) throw new InvalidDataException($"'{path}' is empty; it should have a JSON object with the fields anchor, "
            + "positive and negative on each line.");
    }

    /// <summary>The fields' names, over all lines.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The rows by the fields that hold the texts.</summary>
    public IEnumerable<TripletTexts> Rows(TripletHeader header)
    {
        foreach (var (number, line) in Documents())
        {
            using (line)
            {
                string[] Texts(IReadOnlyList<int> places)
                    => [.. places.SelectMany(place => Values(line.RootElement, place, number, header.Names[place]))];
                string[] anchors = Texts([header.Anchor]);
                if (anchors.Length > 1) throw Wrong(number,
                    $"the field '{header.Names[header.Anchor]}' has {anchors.Length} texts; an anchor is one");
                yield return TripletTexts.Of(anchors.FirstOrDefault(""), Texts(header.Positives), Texts(header.Negatives));
            }
        }
    }

    private IEnumerable<string> Values(JsonElement root, int place, long number, string name)
    {
        JsonElement value = default;
        bool given = root.ValueKind == JsonValueKind.Array ? place < root.GetArrayLength() : root.TryGetProperty(Names[place], out value);
        if (!given) return [];
        if (root.ValueKind == JsonValueKind.Array) value = root[place];
        return value.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Array => value.EnumerateArray().Select(item => Text(item, number, name)).ToArray(),
            _ => [Text(value, number, name)],
        };
    }

    private string Text(JsonElement value, long number, string name)
    {
        try
        {
            if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
            string what = value.ValueKind switch
            {
                JsonValueKind.Object => "an object",
                JsonValueKind.Array => "a list of lists",
                _ => value.GetRawText(),
            };
            throw Wrong(number, $"the field '{name}' holds {what} where a text or a list of texts should stand");
        }
        catch (InvalidOperationException error)                                         // half of a surrogate pair, as an escape
        {
            throw Wrong(number, $"the field '{name}' is no valid text ({error.Message.TrimEnd('.')})");
        }
    }

    private IEnumerable<(long Number, JsonDocument Line)> Documents()
    {
        foreach (var (number, line) in TextFile.Lines(_path, _encoding))
        {
            if (!string.IsNullOrWhiteSpace(line)) yield return (number, Parse(number, line));
        }
    }

    private JsonDocument Parse(long number, string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException error)
        {
            throw Wrong(number, $"{error.Message.TrimEnd('.')}. One JSON object a line is wanted; of a JSON array, jq -c .[] makes such "
                + "lines");
        }
    }

    private InvalidDataException WrongKind(long number, JsonValueKind kind, bool noHeader) => Wrong(number, kind == JsonValueKind.Array
        ? "it is a list, whose texts have no names: give --no-header to take them as anchor, positive, negative in this order"
        : $"it is {(kind == JsonValueKind.Object ? "an object" : "neither an object nor a list")}"
            + (noHeader ? ", and --no-header takes lists: leave it out" : ""));

    private InvalidDataException Wrong(long number, string what) => new($"Line {number} of '{_path}' cannot be trained on: {what}.");
}
