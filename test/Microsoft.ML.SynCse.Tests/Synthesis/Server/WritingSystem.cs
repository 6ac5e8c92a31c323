using System.Text;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Letters of a script, to make up words that fit into a text.</summary>
internal sealed class WritingSystem
{
    private const string Han = "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如";
    private const string Hiragana = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ";
    private const string Katakana = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ";
    private const string Hangul = "가나다라마바사아자차카타파하고노도로모보소오조초코토포호구누두루무부수우주추";

    private static readonly WritingSystem _latin = new('A', '\u024F', "bdfghklmnprstvwz", "aeio");

    private static readonly WritingSystem[] _all =
    [
        _latin,
        new('\u0370', '\u03FF', "βγδζθκλμνπρστφχψ", "αειο"),
        new('\u0400', '\u04FF', "бвгджзклмнпрстфх", "аеио"),
        new('\u0590', '\u05FF', "אבגדהזחטכלמנפקרש", "ויאה"),
        new('\u0600', '\u06FF', "بتجدرزسشعفقكلمنه", "اوين"),
        new('\u0900', '\u097F', "कखगचजटडतदनपबमरलस", "ािेो"),
        new('\u0E00', '\u0E7F', "กขคงจชดตนบปพมรลส", "าอยว"),
        new('\u3040', '\u309F', Hiragana, Hiragana),
        new('\u30A0', '\u30FF', Katakana, Katakana),
        new('\u4E00', '\u9FFF', Han, Han),
        new('\uAC00', '\uD7A3', Hangul, Hangul),
    ];

    private readonly char _first;
    private readonly char _last;
    private readonly string _onsets;
    private readonly string _nuclei;

    private WritingSystem(char first, char last, string onsets, string nuclei)
        => (_first, _last, _onsets, _nuclei) = (first, last, onsets, nuclei);

    /// <summary>The script that most letters of a text are of; Latin where there are none.</summary>
    public static WritingSystem Of(string text) => _all.MaxBy(s => text.Count(c => char.IsLetter(c) && c >= s._first && c <= s._last))
        ?? _latin;

    /// <summary>Makes up a word.</summary>
    public string Word(StableRandom random, int length)
    {
        var word = new StringBuilder(length);
        for (int i = 0; i < length; i++) word.Append(random.Pick<char>(i % 2 == 0 ? _onsets : _nuclei));
        return word.ToString();
    }
}
