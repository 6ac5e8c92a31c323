using System.Buffers;
using System.Diagnostics;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>
/// Hugging Face's pipeline: added tokens are taken out of the text, what lies between them is normalized, cut into pieces and turned into ids,
/// and special tokens are put around the whole.
/// </summary>
internal sealed class PipelineTokenizer : SentenceTokenizer
{
    private static readonly string[] MaskTokens = ["[MASK]", "<mask>"];

    // The normalizing of added tokens is all of a load that a file's patterns can draw out.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(4);

    private readonly TokenizerFileSet _files;
    private readonly TokenizerHints _hints;
    private readonly TokenizerParts _parts;
    private readonly AddedTokenFinder _rawTokens;
    private readonly AddedTokenFinder _normalizedTokens;

    /// <param name="files">Has a tokenizer.json.</param>
    /// <param name="hints">What the encoder's other files say.</param>
    public PipelineTokenizer(TokenizerFileSet files, TokenizerHints hints)
    {
        var parts = TokenizerJsonFormat.Read(files, hints);
        (_files, _hints, _parts) = (files, hints, parts);
        _rawTokens = new(parts.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        var clock = Stopwatch.StartNew();
        _normalizedTokens = new(parts.AddedTokens.Where(token => token.Normalized).Select(token => clock.Elapsed < _longest
            ? (Normalize(token.Content), token)
            : throw files.Wrong(TokenizerFileSet.TokenizerJson, $"cannot be used: its normalizer takes more than {_longest.TotalSeconds} seconds over the added tokens")));
        IEnumerable<int> ids = [.. parts.AddedTokens.Select(token => token.Id), .. parts.Frame.Before, .. parts.Frame.Behind, parts.PadId, parts.Model.Vocabulary.Size - 1];
        VocabularySize = ids.Max() + 1;
    }

    /// <inheritdoc/>
    public override int PadId => _parts.PadId;

    /// <inheritdoc/>
    public override int? MaskId => MaskTokens.Select(IdOf).FirstOrDefault(id => id is not null);

    /// <inheritdoc/>
    public override int VocabularySize { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, byte[]> FilesToSave(int maxTokens) => SavedTokenizerFiles.Of(_files, _hints, _parts, maxTokens);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, byte[]> FilesOfSource(int maxTokens) =>
        SavedTokenizerFiles.Unchanged(_files, _hints, _parts, maxTokens);

    /// <inheritdoc/>
    public override int SpecialTokenCount => _parts.Frame.Count;

    /// <inheritdoc/>
    public override int[] Encode(string sentence, int maxTokens, out bool truncated)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var frame = _parts.Frame;
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, Math.Max(2, frame.Count));

        var text = WellFormedText.Of(sentence);
        if (_parts.LowerCaseFirst) text = PythonLowerCase.Of(text);
        int room = maxTokens - frame.Count;
        var pieces = new EncodedPieces(_parts.Model, _parts.CutsLeft ? int.MaxValue : room);
        EncodeText(text, normalized: false, atStart: true, pieces);

        truncated = pieces.Ids.Count > room;
        var body = Math.Min(pieces.Ids.Count, room);
        // Without special tokens around it a text may have no token at all, and attention over nothing is not a number.
        if (frame.Count + body == 0) return [PadId];
        var ids = new int[frame.Count + body];
        frame.Before.CopyTo(ids, 0);
        pieces.Ids.CopyTo(_parts.CutsLeft ? pieces.Ids.Count - body : 0, ids, frame.Before.Length, body);
        frame.Behind.CopyTo(ids, frame.Before.Length + body);
        return ids;
    }

    // Later text cannot change earlier ids, so it is left alone once there are enough; where the first are cut off, there never are.
    private void EncodeText(string text, bool normalized, bool atStart, EncodedPieces pieces)
    {
        var (searchFrom, taken) = (0, 0);
        while (!pieces.HasEnough && taken < text.Length)
        {
            var token = (normalized ? _normalizedTokens : _rawTokens).Find(text, ref searchFrom, taken, out var start, out var end);
            if (start > taken) EncodeBetween(taken == 0 && start == text.Length ? text : text[taken..start], normalized, atStart && taken == 0, pieces);
            if (token is not null) pieces.Ids.Add(token.Id);
            taken = end;
        }
    }

    private void EncodeBetween(string text, bool normalized, bool atStart, EncodedPieces pieces)
    {
        if (!normalized) EncodeText(Normalize(text), normalized: true, atStart && !LosesItsStart(text), pieces);
        else if (_parts.PreTokenizer is { } preTokenizer) preTokenizer.Split(text, atStart, pieces);
        else pieces.Add(text, atStart);
    }

    // What begins behind a dropped character does not begin the sentence, as Hugging Face sees it; only Metaspace's "first" asks.
    private bool LosesItsStart(string text) => _parts.Normalizer is { } normalizer && LosesItsStart(normalizer, text);

    // But for the character map, which does not count what it drops before it has kept anything.
    private static bool LosesItsStart(ITextNormalizer normalizer, string text)
    {
        if (Rune.DecodeFromUtf16(text, out _, out var length) != OperationStatus.Done) return false;
        if (normalizer.Normalize(text[..length]).Length > 0) return false;
        if (normalizer is not SequenceNormalizer sequence) return normalizer is not PrecompiledNormalizer;
        foreach (var part in sequence.Parts)
        {
            if (LosesItsStart(part, text)) return true;
            text = part.Normalize(text);
        }
        return false;
    }

    private int? IdOf(string token) => _parts.AddedTokens.FirstOrDefault(added => added.Content == token)?.Id ?? _parts.Model.Vocabulary.IdOf(token);

    private string Normalize(string text) => _parts.Normalizer?.Normalize(text) ?? text;
}
