using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>The lists inside a row of outcomes.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, double>))]
[JsonSerializable(typeof(TripletLine))]
internal sealed partial class OutcomeJson : JsonSerializerContext
{
    /// <summary>Leaves letters of all scripts as they are.</summary>
    public static OutcomeJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
