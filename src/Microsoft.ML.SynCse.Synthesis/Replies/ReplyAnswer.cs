namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>What of a reply is the answer: without the reasoning before it, and what is put around it.</summary>
internal static class ReplyAnswer
{
    private const StringComparison Exactness = StringComparison.OrdinalIgnoreCase;

    /// <summary>Whether a reply is nothing but reasoning, ended or not.</summary>
    public static bool IsReasoningOnly(string reply)
        => After(reply) is { } answer ? string.IsNullOrWhiteSpace(answer) : OpensAt(reply) >= 0;

    /// <summary>What stands after the reasoning, or the whole reply if there is none.</summary>
    /// <remarks>Reasoning without an end is not taken off: the reply is one piece.</remarks>
    public static string Of(string reply)
    {
        if (After(reply) is not { } answer) return reply;
        return Unwrapped(answer);
    }

    /// <summary>The text inside the one code fence that a text consists of; the text itself if it is no fence.</summary>
    public static string WithoutFence(string text)
    {
        var trimmed = text.AsSpan().Trim();
        string fence = trimmed.StartsWith("~~~", StringComparison.Ordinal) ? "~~~" : "```";
        bool fenced = trimmed.StartsWith(fence, StringComparison.Ordinal) && trimmed.EndsWith(fence, StringComparison.Ordinal);
        if (!fenced || trimmed.Length < 2 * fence.Length) return text;
        var inside = trimmed[fence.Length..^fence.Length];
        if (inside.Contains(fence, StringComparison.Ordinal)) return text;
        int line = inside.IndexOfAny('\n', '\r');
        // The rest of the fence's line names the content: "json", "text"; on one line there is no telling, but for a name and JSON.
        if (line < 0) return inside.Trim().ToString();
        return inside[..line].Trim().Contains(' ') ? inside.Trim().ToString() : inside[line..].Trim().ToString();
    }

    /// <summary>What stands after the last closing mark; null if there is none.</summary>
    private static string? After(string reply)
    {
        int after = -1;
        foreach (var mark in ReasoningMark.All)
        {
            if (mark.Paired && !reply.AsSpan().TrimStart().StartsWith(mark.Open, Exactness)) continue;
            int close = reply.LastIndexOf(mark.Close, Exactness);
            if (close < 0) continue;
            int end = close + mark.Close.Length;
            if (mark.CloseEnd is { } head)
            {
                int at = reply.IndexOf(head, end, Exactness);
                if (at < 0) continue;
                end = at + head.Length;
            }
            after = Math.Max(after, end);
        }
        return after < 0 ? null : reply[after..];
    }

    /// <summary>
    /// Where reasoning begins: at the beginning of the reply or of a line, because elsewhere a sentence may speak of the mark; -1 if it
    /// does not.
    /// </summary>
    private static int OpensAt(string reply)
    {
        foreach (var mark in ReasoningMark.All)
        {
            // "Analysis of the costs takes time." is a sentence: words alone open nothing.
            if (mark.Paired) continue;
            for (int at = reply.IndexOf(mark.Open, Exactness); at >= 0; at = reply.IndexOf(mark.Open, at + 1, Exactness))
            {
                if (BeginsLine(reply.AsSpan(0, at))) return at;
            }
        }
        return -1;
    }

    private static bool BeginsLine(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd(" \t");
        return before.IsEmpty || before[^1] is '\n' or '\r' || before.EndsWith("<|start|>assistant", StringComparison.Ordinal);
    }

    private static string Unwrapped(string answer)
    {
        var text = answer.AsSpan().Trim();
        for (bool found = true; found;)
        {
            found = false;
            foreach (string end in ReasoningMark.Ends)
            {
                if (!text.EndsWith(end, Exactness)) continue;
                text = text[..^end.Length].TrimEnd();
                found = true;
            }
            foreach (var (open, close) in ReasoningMark.Answers)
            {
                if (text.Length < open.Length + close.Length || !text.StartsWith(open, Exactness)
                    || !text.EndsWith(close, Exactness)) continue;
                text = text[open.Length..^close.Length].Trim();
                found = true;
            }
            foreach (var (open, _) in ReasoningMark.Answers)
            {
                // What closes it was an end of turn.
                if (!open.StartsWith("<|", StringComparison.Ordinal) || !text.StartsWith(open, Exactness)) continue;
                text = text[open.Length..].TrimStart();
                found = true;
            }
        }
        return text.ToString();
    }
}

/// <summary>How models mark what they think before they answer.</summary>
/// <param name="Open">What stands before it. Servers that put it into the prompt leave it out of the reply.</param>
/// <param name="Close">What stands after it, letter case aside.</param>
internal sealed record ReasoningMark(string Open, string Close)
{
    /// <summary>What ends the head that <see cref="Close"/> begins; null if it is the whole head.</summary>
    public string? CloseEnd { get; init; }

    /// <summary>
    /// Whether the closing mark counts only in a reply that begins with the opening one: words, which a sentence may hold too.
    /// </summary>
    public bool Paired { get; init; }

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<ReasoningMark> All { get; } =
    [
        // DeepSeek-R1, Qwen, GLM, MiniMax, Nemotron, Phi-4, Hunyuan and most others.
        new("<think>", "</think>"), new("<thinking>", "</thinking>"), new("<thought>", "</thought>"), new("<thoughts>", "</thoughts>"),
        new("<reasoning>", "</reasoning>"),
        new("<reason>", "</reason>"), new("<reflection>", "</reflection>"), new("<analysis>", "</analysis>"),
        new("<scratchpad>", "</scratchpad>"),
        new("<inner_monologue>", "</inner_monologue>"), new("<internal>", "</internal>"), new("<think_fast>", "</think_fast>"),
        new("<think_faster>", "</think_faster>"),
        // Magistral, Kimi, Seed-OSS, Command A, Apertus, Gemma, models with plain special tokens.
        new("[THINK]", "[/THINK]"), new("◁think▷", "◁/think▷"), new("<seed:think>", "</seed:think>"),
        new("<|START_THINKING|>", "<|END_THINKING|>"),
        new("<|inner_prefix|>", "<|inner_suffix|>"), new("<|channel>thought", "<channel|>"),
        new("<|begin_of_thought|>", "<|end_of_thought|>"), new("<|think|>", "<|/think|>"),
        // gpt-oss, with its special tokens and as they are if a server dropped those.
        new("<|channel|>analysis", "<|channel|>final") { CloseEnd = "<|message|>" },
        new("<|channel|>commentary", "<|channel|>final") { CloseEnd = "<|message|>" },
        new("analysis", "assistantfinal") { Paired = true },
        // Granite.
        new("Here is my thought process:", "Here is my response:") { Paired = true },
        new("Here's my thought process:", "Here's my response:") { Paired = true },
    ];

    /// <summary>What models put around the answer itself.</summary>
    public static IReadOnlyList<(string Open, string Close)> Answers { get; } =
    [
        ("<answer>", "</answer>"), ("<response>", "</response>"), ("<output>", "</output>"), ("<final>", "</final>"),
        ("<final_answer>", "</final_answer>"),
        ("<|begin_of_solution|>", "<|end_of_solution|>"), ("<|begin_of_box|>", "<|end_of_box|>"),
        ("<|START_RESPONSE|>", "<|END_RESPONSE|>"), ("<|message|>", "<|return|>"),
    ];

    /// <summary>What ends a turn and means nothing.</summary>
    public static IReadOnlyList<string> Ends { get; } = ["<|return|>", "<|end|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>",
        "<|END_RESPONSE|>", "<end_of_turn>", "</s>"];
}
