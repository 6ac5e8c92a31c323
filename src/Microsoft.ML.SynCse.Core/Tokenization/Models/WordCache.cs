namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>
/// The ids of words that were seen before. A word has one place, and the last word put there stays: so the size is fixed. No lock is
/// needed, because an entry never changes.
/// </summary>
internal sealed class WordCache
{
    private const int Places = 1 << 14;
    private const int LongestWord = 48;

    private readonly Entry?[] _entries = new Entry[Places];

    public int[]? Find(ReadOnlySpan<char> word)
    {
        if (word.Length > LongestWord) return null;
        var entry = Volatile.Read(ref _entries[PlaceOf(word)]);
        return entry is not null && word.SequenceEqual(entry.Word) ? entry.Ids : null;
    }

    public void Add(ReadOnlySpan<char> word, int[] ids)
    {
        if (word.Length <= LongestWord) Volatile.Write(ref _entries[PlaceOf(word)], new Entry(word.ToString(), ids));
    }

    private static int PlaceOf(ReadOnlySpan<char> word) => string.GetHashCode(word) & (Places - 1);

    private sealed record Entry(string Word, int[] Ids);
}
