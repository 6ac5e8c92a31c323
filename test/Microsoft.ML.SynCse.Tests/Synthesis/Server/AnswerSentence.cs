using System.Globalization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Sentences that pass for a language model's: the words of another in another order, one in four of them made up.</summary>
internal static class AnswerSentence
{
    /// <summary>
    /// Eight letters are at least 24 random bits: two answers to one sentence differ unless some ten million pairs are made.
    /// </summary>
    private const int MarkLength = 8;
    private const int Stride = 4;
    private const string Ends = ".!?…。!?";

    /// <summary>
    /// The answer to a sentence in a context: never the sentence itself, about as long, in the same script, and in another context another.
    /// </summary>
    public static string Of(string context, string sentence)
    {
        for (int salt = 0; ; salt++)
        {
            var random = StableRandom.For(context, sentence, salt.ToString(CultureInfo.InvariantCulture));
            string trimmed = sentence.Trim();
            string stem = trimmed.TrimEnd(Ends.ToCharArray());
            string[] words = stem.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            string answer = (words.Length > 1 ? FromWords(words, random) : FromLetters(stem, random)) + trimmed[stem.Length..];
            if (answer != sentence) return answer;
        }
    }

    private static string FromWords(string[] words, StableRandom random)
    {
        var script = WritingSystem.Of(string.Concat(words));
        bool capital = char.IsUpper(words[0][0]);
        string[] answer = words.ToArray();
        int first = random.Next(Math.Min(Stride, words.Length));
        for (int i = first; i < words.Length; i += Stride)
            answer[i] = script.Word(random, i == first ? MarkLength : Math.Max(2, words[i].Length));
        int turn = 1 + random.Next(words.Length - 1);
        string text = string.Join(' ', answer[turn..].Concat(answer[..turn]));
        return capital ? char.ToUpperInvariant(text[0]) + text[1..] : text;
    }

    /// <summary>One word, or a script that puts no spaces: made-up letters in places that are spread over the text.</summary>
    private static string FromLetters(string text, StableRandom random)
    {
        var script = WritingSystem.Of(text);
        var elements = new List<string>();
        for (var rest = StringInfo.GetTextElementEnumerator(text); rest.MoveNext();) elements.Add(rest.GetTextElement());
        if (elements.Count < MarkLength) return script.Word(random, MarkLength);
        int replaced = Math.Max(MarkLength / 2, elements.Count / Stride);
        for (int i = 0; i < replaced; i++) elements[i * elements.Count / replaced] = script.Word(random, 1);
        return string.Concat(elements);
    }
}
