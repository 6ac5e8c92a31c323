using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>The texts around a drawn prompt. Words in braces are filled in.</summary>
public sealed record PromptFrames
{
    /// <summary>System message for one text of one sentence; <c>{task}</c>: the drawn prompt.</summary>
    public required string Single { get; init; }

    /// <summary>System message for several sentences, several texts or both roles in one request; <c>{parts}</c>: what each answer holds, a line a part.</summary>
    public required string Several { get; init; }

    /// <summary>A line of <c>{parts}</c> for positives; <c>{count}</c>, <c>{task}</c>.</summary>
    public required string PositivePart { get; init; }

    /// <summary>A line of <c>{parts}</c> for hard negatives; <c>{count}</c>, <c>{task}</c>.</summary>
    public required string NegativePart { get; init; }

    /// <summary>System message that asks for sentences from nothing; <c>{count}</c>, <c>{genre}</c>, <c>{topics}</c>.</summary>
    public required string Scratch { get; init; }

    /// <summary>System message that asks how alike two sentences are, from 0 to 5.</summary>
    public required string Judge { get; init; }

    /// <summary>Added to the system message with <see cref="ReplyFormat.JsonText"/>; <c>{example}</c>: the form of the answer.</summary>
    public required string JsonText { get; init; }

    /// <summary>A frame with its places filled, all at once: a text that is put in may hold braces of its own.</summary>
    internal static string Fill(string frame, params ReadOnlySpan<(string Place, string Text)> texts)
    {
        var filled = new StringBuilder(frame.Length + 256);
        for (int at = 0; at < frame.Length;)
        {
            var rest = frame.AsSpan(at);
            int next = 0;
            foreach (var (place, text) in texts)
            {
                if (!rest.StartsWith(place, StringComparison.Ordinal)) continue;
                filled.Append(text);
                next = place.Length;
                break;
            }
            if (next == 0) filled.Append(frame[at]);
            at += Math.Max(1, next);
        }
        return filled.ToString();
    }
}
