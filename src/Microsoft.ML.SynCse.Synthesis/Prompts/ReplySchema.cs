using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>The form of a reply.</summary>
/// <param name="Name">What the provider is told as its name.</param>
/// <param name="Example">The form, shown.</param>
/// <param name="Schema">The form, as a JSON schema.</param>
internal sealed record ReplySchema(string Name, string Example, JsonElement Schema)
{
    /// <summary>The schema's text.</summary>
    public string Text { get; } = Schema.GetRawText();

    /// <summary>The schema's UTF-8 bytes.</summary>
    public int Bytes { get; } = Encoding.UTF8.GetByteCount(Schema.GetRawText());

    /// <summary>The schema as Microsoft.Extensions.AI hands it on.</summary>
    public ChatResponseFormat Format { get; } = ChatResponseFormat.ForJsonSchema(Schema, Name);
}
