using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>The tokens that a word is spelled in before anything is merged.</summary>
internal sealed class BytePairAlphabet(Vocabulary vocabulary, string continuingPrefix, string endOfWordSuffix)
{
    private readonly Dictionary<int, int> _characters = SingleCharacters(vocabulary);
    private readonly bool _plain = continuingPrefix.Length == 0 && endOfWordSuffix.Length == 0;

    /// <summary>What a token begins with that is not the first of its word.</summary>
    public string ContinuingPrefix => continuingPrefix;

    /// <summary>What the last token of a word ends with.</summary>
    public string EndOfWordSuffix => endOfWordSuffix;

    /// <summary>The id for a character without a token; null if such a character is left out.</summary>
    public int? Unknown { get; init; }

    /// <summary>Whether neighbouring unknown characters become one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether a character without a token is spelled in the tokens of its UTF-8 bytes.</summary>
    public bool ByteFallback { get; init; }

    public bool SpellsAs(BytePairAlphabet other) => Settings == other.Settings;

    private (string, string, int?, bool, bool) Settings => (continuingPrefix, endOfWordSuffix, Unknown, FuseUnknown, ByteFallback);

    public List<int> Spell(ReadOnlySpan<char> word)
    {
        var ids = new List<int>(word.Length);
        bool afterUnknown = false;
        for (int at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out var rune, out int length);
            if (IdOf(rune, at == 0, at + length == word.Length, out string? spelling) is { } id)
            {
                ids.Add(id);
                afterUnknown = false;
            }
            else if (!TrySpellBytes(spelling ?? rune.ToString(), ids) && Unknown is { } unknown)
            {
                if (!(afterUnknown && FuseUnknown)) ids.Add(unknown);
                afterUnknown = true;
            }
            at += length;
        }
        return ids;
    }

    private int? IdOf(Rune rune, bool first, bool last, out string? spelling)
    {
        spelling = _plain ? null : (first ? "" : continuingPrefix) + rune + (last ? endOfWordSuffix : "");
        return spelling is not null ? vocabulary.IdOf(spelling) : _characters.TryGetValue(rune.Value, out int id) ? id : null;
    }

    private bool TrySpellBytes(string spelling, List<int> ids)
    {
        if (!ByteFallback) return false;
        var found = Encoding.UTF8.GetBytes(spelling)
            .Select(value => vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"))).ToList();
        if (found.Contains(null)) return false;
        ids.AddRange(found.Select(id => id!.Value));
        return true;
    }

    private static Dictionary<int, int> SingleCharacters(Vocabulary vocabulary)
    {
        var characters = new Dictionary<int, int>();
        foreach (var (token, id) in vocabulary.Tokens)
        {
            if (Rune.DecodeFromUtf16(token, out var rune, out int length) == OperationStatus.Done && length == token.Length)
                characters.Add(rune.Value, id);
        }
        return characters;
    }
}
