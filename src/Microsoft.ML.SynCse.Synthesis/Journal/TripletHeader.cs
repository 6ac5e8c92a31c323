using System.Globalization;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>Which columns of a file of triplets hold what, by their names; a column's place says nothing.</summary>
/// <param name="Names">All columns.</param>
/// <param name="Anchor">The anchor's column; -1: no name is known as one.</param>
/// <param name="Positives">The positives' columns, the one without a number first, then by number.</param>
/// <param name="Negatives">The hard negatives' columns, likewise.</param>
/// <param name="Trouble">Why the file must not be read by these names, as a clause; null: nothing speaks against it.</param>
internal sealed record TripletHeader(IReadOnlyList<string> Names, int Anchor, IReadOnlyList<int> Positives, IReadOnlyList<int> Negatives,
    string? Trouble = null)
{
    /// <summary>Names of anchor columns, for a message.</summary>
    public const string AnchorWords = "anchor, sent0, sentence, text, query, question or premise";

    /// <summary>Names of positive columns, for a message.</summary>
    public const string PositiveWords = "positive, pos, answer, entailment, sent1 or sentence2";

    // Datasets of sentence-transformers, SimCSE, FlagEmbedding, Tevatron and the tools that mine hard negatives. The first that is there is
    // taken.
    private static readonly string[] _anchorStems = ["anchor", "query", "question", "premise", "sentence", "text", "input"];
    private static readonly string[] _positiveStems
        = ["positive", "positives", "pos", "positivetext", "positivepassage", "positivepassages", "positivesentence", "entailment",
            "paraphrase", "paraphrases", "answer", "answers", "sent1"];
    private static readonly string[] _negativeStems
        = ["negative", "negatives", "neg", "hardneg", "hardnegative", "hardnegatives", "negativetext", "negativepassage",
            "negativepassages", "negativesentence", "contradiction", "sent2"];

    // Columns that differ by their number alone: the first is the anchor, the second the positive, the others are hard negatives.
    private static readonly string[] _series = ["sent", "sentence", "text", "question"];

    // What says how alike a pair's texts are: such pairs are no positives as they stand.
    private static readonly string[] _labels = ["label", "labels", "goldlabel", "isduplicate"];
    private static readonly string[] _scores = ["score", "scores", "similarity", "similarityscore", "relatednessscore"];
    private static readonly string[] _noText =
        ["score", "scores", "id", "ids", "idx", "index", "rank", "label", "labels", "count", "similarity"];

    /// <summary>All columns with text, the anchor's first.</summary>
    public IEnumerable<int> Texts => Positives.Concat(Negatives).Prepend(Anchor);

    /// <summary>The names of the other columns.</summary>
    public IEnumerable<string> Unread => Enumerable.Range(0, Names.Count).Except(Texts).Select(i => Names[i]);

    /// <summary>
    /// Finds the columns by their names. Case and what separates words do not matter; <c>negative_1</c>, <c>negative1</c> and <c>Negative
    /// 1</c> are one.
    /// </summary>
    public static TripletHeader Of(IReadOnlyList<string> names)
    {
        string[] keys = [.. names.Select(Key)];
        var given = _anchorStems.Select(stem => Array.IndexOf(keys, stem)).Where(place => place >= 0)
            .Select(place => Around(names, keys, place))
            .Concat(_series.Select(stem => InSeries(names, keys, stem)).OfType<TripletHeader>()).ToArray();
        var header = given.FirstOrDefault(found => found.Positives.Count > 0) ?? given.FirstOrDefault() ?? new(names, -1, [], []);
        return header.Trouble is null && header.Anchor >= 0 ? header with { Trouble = header.TroubleIn(keys) } : header;
    }

    /// <summary>A column's name without case and what separates words.</summary>
    public static string Key(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static TripletHeader Around(IReadOnlyList<string> names, string[] keys, int anchor)
    {
        var (positives, doubt) = Role(names, keys, _positiveStems, anchor);
        var (negatives, otherDoubt) = Role(names, keys, _negativeStems, anchor);
        return new(names, anchor, positives, negatives, doubt ?? otherDoubt);
    }

    private static TripletHeader? InSeries(IReadOnlyList<string> names, string[] keys, string stem)
    {
        int[] places = [.. Numbered(keys, stem).Where(column => column.Number is not null).Select(column => column.Place)];
        bool begins = places.Length > 0
            && (keys[places[0]] == stem + "0" || places.Length > 1 && keys[places[0]] == stem + "1" && keys[places[1]] == stem + "2");
        if (!begins) return null;
        var (positives, doubt) = places.Length > 1 ? ([places[1]], null) : Role(names, keys, _positiveStems, places[0]);
        // SimCSE's files: sent0, sent1, hard_neg.
        var (negatives, otherDoubt) = Role(names, keys, [.. _negativeStems.Where(name => name != "sent2")], places[0]);
        int[] further = [.. places.Skip(2)];
        if (further.Length > 0 && negatives.Count > 0) otherDoubt = TwoNames(names, further[0], negatives[0]);
        return new(names, places[0], positives, further.Length > 0 ? further : negatives, doubt ?? otherDoubt);
    }

    private static (IReadOnlyList<int> Places, string? Doubt) Role(IReadOnlyList<string> names, string[] keys, string[] stems, int anchor)
    {
        int[][] found = [.. stems
            .Select(stem => Numbered(keys, stem).Select(column => column.Place).Where(place => place != anchor).ToArray())
            .Where(places => places.Length > 0)];
        return found.Length == 0 ? ([], null) : (found[0], found.Length > 1 ? TwoNames(names, found[0][0], found[1][0]) : null);
    }

    // "sent1" is a name of its own, not a number of "sent": a stem that ends in a digit takes no further ones.
    private static IEnumerable<(int Place, int? Number)> Numbered(string[] keys, string stem)
        => Enumerable.Range(0, keys.Length).Where(i => keys[i].StartsWith(stem, StringComparison.Ordinal))
            .Select(i => (Place: i, Digits: keys[i][stem.Length..]))
            .Where(column => column.Digits.Length == 0
                || column.Digits.Length < 6 && !char.IsAsciiDigit(stem[^1]) && column.Digits.All(char.IsAsciiDigit))
            .Select(column => (column.Place, Number: column.Digits.Length == 0 ? (int?)null : Parse(column.Digits)))
            .OrderBy(column => column.Number ?? -1);

    private static int Parse(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static string TwoNames(IReadOnlyList<string> names, int one, int other)
        => $"'{names[one].Trim()}' and '{names[other].Trim()}' may hold the same thing";

    private string? TroubleIn(string[] keys)
    {
        int twice = Texts.GroupBy(place => keys[place], StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1)?.First() ?? -1;
        if (twice >= 0) return $"it names '{Names[twice].Trim()}' twice";
        if (Negatives.Count > 0 || Positives.Count == 0) return null;
        int[] others = Enumerable.Range(0, keys.Length).Except(Texts).ToArray();
        bool saysPositive = keys[Positives[0]].StartsWith("pos", StringComparison.Ordinal)
            || keys[Positives[0]] is "entailment" or "paraphrase";
        int scored = Array.Find([.. others, -1],
            place => place < 0 || _labels.Contains(keys[place]) || !saysPositive && _scores.Contains(keys[place]));
        if (scored >= 0) return $"'{Names[scored].Trim()}' says which pairs mean the same, so not every second text is a positive: keep "
            + "the rows that do, without that column";
        int negative = Array.Find([.. others, -1], place => place < 0 || IsNegative(keys[place]));
        return negative >= 0 ? $"'{Names[negative].Trim()}' may hold hard negatives (known names: negative, neg, hard_neg, "
            + "contradiction, with numbers behind them)" : null;
    }

    private static bool IsNegative(string key)
        => (key.StartsWith("neg", StringComparison.Ordinal) || key.StartsWith("hardneg", StringComparison.Ordinal))
            && !_noText.Any(end => key.EndsWith(end, StringComparison.Ordinal));
}
