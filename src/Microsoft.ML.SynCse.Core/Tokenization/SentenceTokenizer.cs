using System.Diagnostics;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>Turns a sentence into token ids, as the model's tokenizer files say. Safe from several threads.</summary>
/// <remarks>
/// This is Hugging Face's pipeline: added tokens are taken out of the text, the text between them is normalized, cut into pieces and turned
/// into ids, and special tokens are put around the whole.
/// </remarks>
internal sealed class SentenceTokenizer
{
    private static readonly string[] _maskTokens = ["[MASK]", "<mask>"];

    // The patterns of a file could make its loading endless only where added tokens are normalized.
    private static readonly TimeSpan _longestLoading = TimeSpan.FromSeconds(4);

    private readonly TokenizerFileSet _files;
    private readonly TokenizerHints _hints;
    private readonly AddedTokenFinder _rawTokens;
    private readonly AddedTokenFinder _normalizedTokens;

    private SentenceTokenizer(TokenizerFileSet files, TokenizerHints hints)
    {
        var parts = TokenizerJsonFormat.Read(files, hints);
        (_files, _hints, Parts) = (files, hints, parts);
        _rawTokens = new(parts.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        var clock = Stopwatch.StartNew();
        _normalizedTokens = new(parts.AddedTokens.Where(token => token.Normalized).Select(token => clock.Elapsed < _longestLoading
            ? (Normalize(token.Content), token)
            : throw files.Wrong(TokenizerFileSet.TokenizerJson,
                $"cannot be used: its normalizer takes more than {_longestLoading.TotalSeconds} seconds over the added tokens")));
        IEnumerable<int> ids =
        [
            .. parts.AddedTokens.Select(token => token.Id), .. parts.PostProcessor.Prefix, .. parts.PostProcessor.Suffix, parts.PadId,
            parts.Model.Vocabulary.Size - 1,
        ];
        VocabularySize = ids.Max() + 1;
    }

    /// <summary>What the tokenizer is made of.</summary>
    public TokenizerParts Parts { get; }

    /// <summary>The id that fills short rows.</summary>
    public int PadId => Parts.PadId;

    /// <summary>The id that stands for a hidden word; null if the tokenizer has none.</summary>
    public int? MaskId => _maskTokens.Select(Parts.IdOf).FirstOrDefault(id => id is not null);

    /// <summary>One more than the largest id of the vocabulary, the added tokens, the special tokens around a sentence, and the
    /// padding.</summary>
    public int VocabularySize { get; }

    /// <summary>The number of special tokens around a sentence.</summary>
    public int SpecialTokenCount => Parts.PostProcessor.Count;

    /// <summary>Reads tokenizer.json; in a folder without it, the older tokenizer files of the model's kind.</summary>
    /// <param name="source">The encoder's files.</param>
    /// <param name="hints">What the encoder's other files say about the tokenizer.</param>
    /// <exception cref="InvalidDataException">A file is missing, damaged, or needs what is not supported; the message names it.</exception>
    public static SentenceTokenizer Load(IModelFileSource source, TokenizerHints hints)
    {
        var files = TokenizerFileSet.Read(source);
        if (!files.Has(TokenizerFileSet.TokenizerJson))
            files = files.With(KeyValuePair.Create(TokenizerFileSet.TokenizerJson, OlderTokenizerFormats.WriteTokenizerJson(files, hints)));
        return new SentenceTokenizer(files, hints);
    }

    /// <summary>The files, by name, that the tokenizer is saved as: those it was read from, and beside them what other readers look
    /// for.</summary>
    /// <param name="maxTokens">The number of tokens at which the encoder cuts a sentence; it goes into a new
    /// tokenizer_config.json.</param>
    public IReadOnlyDictionary<string, byte[]> FilesToSave(int maxTokens) => SavedTokenizerFiles.Of(_files, _hints, Parts, maxTokens);

    /// <summary>The same files before anything was changed for other readers, byte for byte: they identify the tokenizer.</summary>
    /// <param name="maxTokens">As for <see cref="FilesToSave"/>.</param>
    public IReadOnlyDictionary<string, byte[]> FilesOfSource(int maxTokens)
        => SavedTokenizerFiles.Unchanged(_files, _hints, Parts, maxTokens);

    /// <summary>The ids of a sentence, special tokens included; one padding token if there would be no id at all.</summary>
    /// <param name="sentence">Any text, the empty one included.</param>
    /// <param name="maxTokens">The result is cut at this number of ids; the closing special token stays. At least 2.</param>
    /// <param name="truncated">Whether tokens were cut off.</param>
    public int[] Encode(string sentence, int maxTokens, out bool truncated)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var around = Parts.PostProcessor;
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, Math.Max(2, around.Count));

        int room = maxTokens - around.Count;
        var text = EncodeText(sentence, Parts.CutsLeft ? int.MaxValue : room);
        truncated = text.Count > room;
        int body = Math.Min(text.Count, room);
        // Attention over no token at all is not a number.
        if (around.Count + body == 0) return [PadId];
        int[] ids = new int[around.Count + body];
        around.Prefix.CopyTo(ids, 0);
        text.CopyTo(Parts.CutsLeft ? text.Count - body : 0, ids, around.Prefix.Length, body);
        around.Suffix.CopyTo(ids, around.Prefix.Length + body);
        return ids;
    }

    /// <summary>The ids of a text alone, without special tokens around it.</summary>
    /// <param name="sentence">Any text.</param>
    /// <param name="room">Ids beyond this number are not needed; there is at least one more if the text has more.</param>
    public List<int> EncodeText(string sentence, int room)
    {
        string text = WellFormedText.Of(sentence);
        if (Parts.LowerCaseFirst) text = PythonLowerCase.Of(text);
        var pieces = new PieceEncoder(Parts.Model, room);
        EncodeText(text, normalized: false, atStart: true, pieces);
        return pieces.Ids;
    }

    /// <summary>What encodes one text as this tokenizer does and finds the place of each token in the text.</summary>
    /// <param name="texts">The texts of the model's own tokens by their ids; "" for an id without a token.</param>
    public TokenAligner Aligner(string[] texts) => new(Parts, _rawTokens, _normalizedTokens, texts);

    // Later text cannot change earlier ids, so the loop ends once there are enough.
    private void EncodeText(string text, bool normalized, bool atStart, PieceEncoder pieces)
    {
        var (searchFrom, taken) = (0, 0);
        while (!pieces.HasEnough && taken < text.Length)
        {
            var token = (normalized ? _normalizedTokens : _rawTokens).Find(text, ref searchFrom, taken, out int start, out int end);
            if (start > taken)
                EncodeBetween(taken == 0 && start == text.Length ? text : text[taken..start], normalized, atStart && taken == 0, pieces);
            if (token is not null) pieces.Ids.Add(token.Id);
            taken = end;
        }
    }

    private void EncodeBetween(string text, bool normalized, bool atStart, PieceEncoder pieces)
    {
        if (!normalized)
            EncodeText(Normalize(text), normalized: true, atStart && !TextNormalizers.LosesStart(Parts.Normalizer, text), pieces);
        else if (Parts.PreTokenizer is { } preTokenizer) preTokenizer.Split(text, atStart, pieces);
        else pieces.Add(text, atStart);
    }

    private string Normalize(string text) => Parts.Normalizer?.Normalize(text) ?? text;

    /// <summary>Collects the ids of one sentence. It takes one id more than there is room for, which shows that something is cut
    /// off.</summary>
    private sealed class PieceEncoder(ISubwordModel model, int room) : IPieceSink
    {
        public List<int> Ids { get; } = new(Math.Min(room, 64));

        public bool HasEnough => Ids.Count > room;

        /// <inheritdoc/>
        public bool Add(ReadOnlySpan<char> piece, bool atStart)
        {
            model.Encode(piece, Ids);
            return !HasEnough;
        }
    }
}

/// <summary>What the rest of the encoder's folder says about its tokenizer.</summary>
/// <param name="ModelType">config.json's model_type; says which of the older files to read if there is no tokenizer.json.</param>
/// <param name="LowerCaseFirst">sentence_bert_config.json's do_lower_case: text is lower-cased before all else.</param>
/// <param name="PadTokenId">config.json's pad_token_id, used only if no tokenizer file names a padding token.</param>
internal sealed record TokenizerHints(string? ModelType, bool LowerCaseFirst = false, int? PadTokenId = null);
