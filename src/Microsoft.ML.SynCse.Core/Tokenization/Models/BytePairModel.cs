using System.Buffers;
using System.Text.Json;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>
/// Byte-pair encoding: a word is a row of characters, and the neighbouring pair with the lowest rank is merged until no pair is left.
/// </summary>
/// <remarks>
/// Not the one of Microsoft.ML.Tokenizers 2.0.1: its time grows with the square of a word's length (320,000 characters without a blank
/// take 12 s), and it has neither byte_fallback nor ignore_merges.
/// </remarks>
internal sealed class BytePairModel : ISubwordModel
{
    private readonly WordCache _cache = new();
    private readonly Dictionary<(int, int), BytePairMerge> _merges;
    private readonly BytePairAlphabet _alphabet;
    private readonly bool _wholeWordsFirst;

    private BytePairModel(
        Vocabulary vocabulary, Dictionary<(int, int), BytePairMerge> merges, BytePairAlphabet alphabet, bool wholeWordsFirst)
        => (Vocabulary, _merges, _alphabet, _wholeWordsFirst) = (vocabulary, merges, alphabet, wholeWordsFirst);

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    public static BytePairModel Read(TokenizerNode part)
    {
        if (part.Optional("dropout") is { } dropout
            && !(dropout.Element.ValueKind == JsonValueKind.Number && dropout.Element.GetDouble() == 0))
            throw part.Wrong("has a dropout, with which the same text has other ids each time; set it to null");
        var vocabulary = Vocabulary.Read(part.Required("vocab"));
        string prefix = part.OptionalText("continuing_subword_prefix") ?? "";
        var alphabet = new BytePairAlphabet(vocabulary, prefix, part.OptionalText("end_of_word_suffix") ?? "")
        {
            Unknown = part.OptionalText("unk_token") is not { } unknown ? null
                : vocabulary.IdOf(unknown) ?? throw part.Wrong($"has the unk_token '{unknown}', which its vocab lacks"),
            FuseUnknown = part.Flag("fuse_unk", false),
            ByteFallback = part.Flag("byte_fallback", false),
        };
        var merges = BytePairMerges.Read(part.Required("merges"), vocabulary, prefix);
        return new BytePairModel(vocabulary, merges, alphabet, part.Flag("ignore_merges", false));
    }

    /// <inheritdoc/>
    public string? UnknownToken => _alphabet.Unknown is { } unknown ? Vocabulary.TokenOf(unknown) : null;

    /// <inheritdoc/>
    public string ContinuingPrefix => _alphabet.ContinuingPrefix;

    /// <inheritdoc/>
    public string EndOfWordSuffix => _alphabet.EndOfWordSuffix;

    /// <inheritdoc/>
    public bool IsSameAs(ISubwordModel other) => other is BytePairModel model && _wholeWordsFirst == model._wholeWordsFirst
        && _alphabet.SpellsAs(model._alphabet) && Vocabulary.IsSameAs(model.Vocabulary)
        && PairsInOrder().SequenceEqual(model.PairsInOrder());

    /// <summary>The merges as pairs of tokens, the lowest rank first.</summary>
    public IEnumerable<(string Left, string Right)> MergesInOrder()
    {
        var tokens = Vocabulary.Tokens.ToDictionary(token => token.Value, token => token.Key);
        return PairsInOrder().Select(merge => (tokens[merge.Left], tokens[merge.Right]));
    }

    private IEnumerable<(int Left, int Right, int Merged)> PairsInOrder()
        => _merges.OrderBy(merge => merge.Value.Rank).Select(merge => (merge.Key.Item1, merge.Key.Item2, merge.Value.Merged));

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_cache.Find(piece) is not { } word)
        {
            word = _wholeWordsFirst && Vocabulary.IdOf(piece.ToString()) is { } id ? [id] : Merge(_alphabet.Spell(piece));
            _cache.Add(piece, word);
        }
        ids.AddRange(word);
    }

    // A queue of mergeable pairs over a linked list of symbols; an entry whose pair has changed since is skipped.
    private int[] Merge(List<int> spelled)
    {
        int count = spelled.Count;
        if (count < 2) return [.. spelled];
        int[] links = ArrayPool<int>.Shared.Rent(count * 3);
        var symbols = links.AsSpan(0, count);
        var previous = links.AsSpan(count, count);
        var next = links.AsSpan(count * 2, count);
        var queue = new PriorityQueue<int, long>(count);
        for (int i = 0; i < count; i++)
        {
            (symbols[i], previous[i], next[i]) = (spelled[i], i - 1, i + 1);
            if (i > 0) Queue(queue, i - 1, spelled[i - 1], spelled[i]);
        }
        next[count - 1] = -1;

        while (queue.TryDequeue(out int merged, out long order))
        {
            int left = (int)(order & int.MaxValue);
            if (symbols[left] < 0 || next[left] < 0) continue;
            int right = next[left];
            if (!_merges.TryGetValue((symbols[left], symbols[right]), out var merge) || merge.Merged != merged) continue;

            symbols[left] = merged;
            symbols[right] = -1;
            next[left] = next[right];
            if (next[left] >= 0) previous[next[left]] = left;
            if (previous[left] >= 0) Queue(queue, previous[left], symbols[previous[left]], merged);
            if (next[left] >= 0) Queue(queue, left, merged, symbols[next[left]]);
        }

        var result = new List<int>();
        for (int i = 0; i >= 0; i = next[i]) result.Add(symbols[i]);
        ArrayPool<int>.Shared.Return(links);
        return [.. result];
    }

    // By rank, then from left to right.
    private void Queue(PriorityQueue<int, long> queue, int left, int leftSymbol, int rightSymbol)
    {
        if (_merges.TryGetValue((leftSymbol, rightSymbol), out var merge))
            queue.Enqueue(merge.Merged, ((long)merge.Rank << 31) | (uint)left);
    }
}

/// <summary>The token that two neighbouring tokens become. A merge with a lower rank is done earlier.</summary>
internal readonly record struct BytePairMerge(int Rank, int Merged);

/// <summary>The merges of byte-pair encoding, as tokenizer.json and merges.txt list them.</summary>
internal static class BytePairMerges
{
    /// <summary>An array of "left right" or of ["left", "right"].</summary>
    public static Dictionary<(int, int), BytePairMerge> Read(TokenizerNode node, Vocabulary vocabulary, string continuingPrefix)
        => Collect(
            node.Items().Select(item => (Pair(item), (Func<string, Exception>)(what => item.Wrong(what)))), vocabulary, continuingPrefix);

    /// <summary>The lines of a text file that are merges, each "left right".</summary>
    /// <exception cref="InvalidDataException">A line is not two tokens, or one is not in the vocabulary; names file and line.</exception>
    public static List<string> Lines(TokenizerFileSet files, string name, Vocabulary vocabulary)
    {
        var merges = new List<string>();
        var listed = files.Lines(name).Select((line, index) => (line, index)).Where(at => IsMerge(at.line)).Select(at =>
        {
            Exception Complaint(string what) => files.Wrong(name, $"cannot be used: line {at.index + 1} {what}");
            merges.Add(at.line);
            return (Halves(at.line) ?? throw Complaint("is not two tokens with a blank between them"), (Func<string, Exception>)Complaint);
        });
        Collect(listed, vocabulary, continuingPrefix: "");
        return merges;
    }

    private static Dictionary<(int, int), BytePairMerge> Collect(
        IEnumerable<((string Left, string Right) Pair, Func<string, Exception> Complaint)> listed,
        Vocabulary vocabulary, string continuingPrefix)
    {
        var merges = new Dictionary<(int, int), BytePairMerge>();
        int rank = 0;
        foreach (var ((left, right), complaint) in listed)
        {
            int IdOf(string token) => vocabulary.IdOf(token) ?? throw complaint($"has the token '{token}', which the vocabulary lacks");

            string rest = right.StartsWith(continuingPrefix, StringComparison.Ordinal) ? right[continuingPrefix.Length..] : right;
            // A pair listed twice keeps its later rank, as it does in Hugging Face's map.
            merges[(IdOf(left), IdOf(right))] = new BytePairMerge(rank++, IdOf(left + rest));
        }
        return merges;
    }

    private static (string Left, string Right) Pair(TokenizerNode item)
    {
        if (item.Element.ValueKind == JsonValueKind.String)
            return Halves(item.Text()) ?? throw item.Wrong("is not two tokens with a blank between them");
        return item.Items().Take(3).ToList() is [var left, var right]
            ? (left.Text(), right.Text()) : throw item.Wrong("must be two tokens");
    }

    private static bool IsMerge(string line) => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal);

    private static (string Left, string Right)? Halves(string line)
    {
        int blank = line.IndexOf(' ');
        return blank > 0 && blank < line.Length - 1 && line.LastIndexOf(' ') == blank
            ? (line[..blank], line[(blank + 1)..]) : null;
    }
}
