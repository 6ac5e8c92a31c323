using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The number of tokens at which an encoder cuts a text: what the caller wants, or what the folder says.</summary>
internal static class SequenceLength
{
    // Architectures whose positions start after the padding id, which is 1.
    private static readonly string[] _paddedPositions = ["camembert", "mpnet", "roberta", "xlm-roberta"];

    /// <summary>The length.</summary>
    /// <param name="wanted">What the caller wants; null: as the folder says.</param>
    /// <param name="option">The option that holds it, for messages.</param>
    /// <param name="givenBy">What the folder says; null for nothing.</param>
    /// <param name="positions">The most tokens that the model can take.</param>
    /// <param name="specialTokens">How many the tokenizer puts around a text.</param>
    /// <exception cref="ArgumentOutOfRangeException">What the caller wants is too little or too much.</exception>
    /// <exception cref="InvalidDataException">What the folder says leaves no room for a text.</exception>
    public static int Pick(int? wanted, string option, Func<GivenLength?> givenBy, int positions, int specialTokens)
    {
        if (wanted is { } length)
        {
            int least = Math.Max(3, specialTokens + 1);
            if (length >= least && length <= positions) return length;
            throw new ArgumentOutOfRangeException(option[(option.LastIndexOf('.') + 1)..], length,
                $"{option} must be from {least} to the model's {positions} positions.");
        }
        if (givenBy() is not { } given) return positions;
        if (given.Tokens < Math.Max(2, specialTokens + 1))
            throw new InvalidDataException($"{given.Field} is {given.Tokens}, which leaves no room for a text: the tokenizer puts "
                + $"{specialTokens} special tokens around it. Correct it, or set {option}.");
        return Math.Min(given.Tokens, positions);
    }

    /// <summary>The length that the tokenizer's configuration gives; the older name counts if the newer one is missing.</summary>
    public static GivenLength? OfTokenizer(IModelFileSource files)
    {
        const string File = TokenizerFileSet.TokenizerConfig, Name = "model_max_length", OlderName = "max_len";
        if (files.ReadJsonObject(File) is not { } json) return null;
        string where = files.Describe(File);
        return GivenLength.Read(json[Name], where, Name) ?? GivenLength.Read(json[OlderName], where, OlderName);
    }

    /// <summary>The most tokens that a model can take, by its config.json alone.</summary>
    public static int Positions(ModelConfiguration configuration)
    {
        int positions = configuration.Int("max_position_embeddings", 3, int.MaxValue - 1, fallback: int.MaxValue - 1);
        if (positions == int.MaxValue - 1 || !_paddedPositions.Contains(configuration.ModelType)) return positions;
        int padId = configuration.ModelType == "mpnet" ? 1 : configuration.Int("pad_token_id", 0, positions, fallback: 1);
        return Math.Max(3, positions - padId - 1);
    }
}

/// <summary>Whether a tokenizer and a model belong together.</summary>
internal static class VocabularyCheck
{
    /// <summary>Throws if the tokenizer has ids that the model does not know.</summary>
    /// <exception cref="InvalidDataException">It has; names config.json.</exception>
    public static void Require(ModelConfiguration configuration, SentenceTokenizer tokenizer)
    {
        int size = configuration.Int("vocab_size", 1, 1 << 24);
        if (tokenizer.VocabularySize > size)
            throw configuration.Error($"the model's vocab_size is {size}, and the tokenizer beside it has ids up to "
                + $"{tokenizer.VocabularySize - 1}: the files are not of one model.");
    }
}
