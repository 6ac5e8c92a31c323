using System.Text;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The tokens that a reply says it took.</summary>
internal readonly record struct TokenUsage(int PromptTokens, int CompletionTokens)
{
    /// <summary>The usage of a request and the text of its reply, at four UTF-8 bytes a token, rounded up.</summary>
    public static TokenUsage Of(ScriptedRequest request, string reply) => new(request.Messages.Sum(m => Tokens(m.Text)), Tokens(reply));

    /// <summary>The tokens of a text.</summary>
    public static int Tokens(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;
}
