using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>The texts that a model needs before its sentences, and whether their tokens take part in the pooling.</summary>
/// <param name="Config">The prompts by name.</param>
/// <param name="Pooled">False: the tokens of a prompt are left out of the pooling (<c>include_prompt</c> of the Pooling module).</param>
internal sealed record EncoderPrompts(SentenceTransformersConfig Config, bool Pooled)
{
    private const string AnyWord = "A";

    // The names that sentence-transformers looks for, in its order (encode_query, encode_document).
    private static readonly string[] _queryNames = ["query"], _documentNames = ["document", "passage", "corpus"];

    /// <summary>The name of the prompt for a role; null where the folder has none of those that sentence-transformers looks for.</summary>
    public string? NameFor(PromptRole role)
        => (role == PromptRole.Query ? _queryNames : _documentNames).FirstOrDefault(Config.Prompts.ContainsKey);

    /// <summary>The options of a call with the prompt for a role, unless they name a prompt themselves or the folder has none for
    /// it.</summary>
    public EncodingOptions? ForRole(PromptRole role, EncodingOptions? options)
        => options is { Prompt: not null } or { PromptName: not null } || NameFor(role) is not { } name ? options
            : (options ?? new()) with { PromptName = name };

    /// <summary>The prompt of a call, empty for none.</summary>
    /// <exception cref="ArgumentException">The encoder has no prompt of that name.</exception>
    public string Pick(EncodingOptions options)
    {
        if (options.Prompt is not null) return options.Prompt;
        if ((options.PromptName ?? Config.DefaultPromptName) is not { Length: > 0 } name) return "";
        if (Config.Prompts.TryGetValue(name, out string? prompt)) return prompt;
        throw new ArgumentException(Config.Prompts.Count == 0
            ? $"EncodingOptions.PromptName is '{name}', and this encoder has no prompts: leave it out, or give the text as "
                + $"EncodingOptions.Prompt."
            : $"EncodingOptions.PromptName is '{name}'; this encoder's prompts are "
                + $"{string.Join(", ", Config.Prompts.Keys.Select(known => $"'{known}'"))}.", nameof(options));
    }

    /// <summary>How many tokens at the start of a sentence with this prompt are left out of the pooling.</summary>
    /// <remarks>
    /// Counted as sentence-transformers counts: the prompt alone, special tokens in, less the closing one. But a token that white space at
    /// the prompt's end would be by itself does not count where it becomes part of the word that follows, as in byte-level and
    /// SentencePiece tokenizers: that word must stay in. (sentence-transformers' versions differ there: earlier ones strip the prompt,
    /// later ones do not.)
    /// </remarks>
    public int TokensLeftOut(string prompt, SentenceTokenizer tokenizer, int maxTokens)
    {
        if (Pooled || prompt.Length == 0) return 0;
        int[] alone = tokenizer.Encode(prompt, maxTokens, out _);
        int[] before = tokenizer.Encode(prompt + AnyWord, maxTokens, out _);
        // The ids of an empty text end in the closing token, where the tokenizer puts one.
        int count = alone[^1] == tokenizer.Encode("", maxTokens, out _)[^1] ? alone.Length - 1 : alone.Length;
        return alone.Take(count).Zip(before).TakeWhile(pair => pair.First == pair.Second).Count();
    }
}

/// <summary>What a text is in a search.</summary>
internal enum PromptRole
{
    /// <summary>What is looked for.</summary>
    Query,

    /// <summary>What is searched.</summary>
    Document,
}
