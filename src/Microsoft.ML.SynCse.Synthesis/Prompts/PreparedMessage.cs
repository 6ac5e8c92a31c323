using System.Text;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>A message's text with its UTF-8 bytes, made once where it stands in many requests.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Text">What is said.</param>
internal sealed record PreparedMessage(ChatRole Role, string Text)
{
    /// <summary>The text's UTF-8 bytes.</summary>
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(Text);

    /// <summary>A message of its own for a request: clients may change what they are given.</summary>
    public ChatMessage ToMessage() => new(Role, Text);
}
