namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>What a module of sentence-transformers reads and writes, which its config.json may name.</summary>
internal static class FeatureNames
{
    /// <summary>The vectors of tokens.</summary>
    public const string Tokens = "token_embeddings";

    /// <summary>The vector of a sentence.</summary>
    public const string Sentence = "sentence_embedding";

    /// <summary>Throws where a module reads or writes something else than it does here.</summary>
    /// <param name="config">The module's config.json.</param>
    /// <param name="kind">The module's kind.</param>
    /// <param name="input">What it reads here.</param>
    /// <param name="output">What it writes here.</param>
    /// <exception cref="InvalidDataException">It does; names file and field.</exception>
    public static void Check(ModelConfiguration config, string kind, string input, string output)
    {
        foreach (var (field, expected) in new[] { ("module_input_name", input), ("module_output_name", output) })
            if (config.Text(field) is { } feature && feature != expected)
                throw config.Error($"{field} is {feature}; only a {kind} module from {input} to {output} is supported.");
    }
}
