namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>How models mark what they think before they answer.</summary>
/// <param name="Open">What stands before it. Servers that put it into the prompt leave it out of the reply.</param>
/// <param name="Close">What stands after it, letter case aside.</param>
internal sealed record ReasoningMark(string Open, string Close)
{
    /// <summary>What ends the head that <see cref="Close"/> begins; null where it is the whole head.</summary>
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
        // gpt-oss, with its special tokens and where a server dropped them.
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
