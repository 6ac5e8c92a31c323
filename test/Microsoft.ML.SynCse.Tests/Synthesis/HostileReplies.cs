using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// Makes hostile replies by a seed. What a kind's texts must come to is known from how they are made, not from the rules.
/// </summary>
internal static class HostileReplies
{
    public const string Exemplar = "The meeting was moved from Tuesday to Thursday.";

    private static readonly string[] _labels =
    [
        "Paraphrase", "Answer", "Sentence", "Rewritten sentence", "Negative", "Positive", "Output", "Satz", "Antwort",
        "Réponse", "Respuesta", "Ответ", "句子", "答え",
    ];

    private static readonly (string Kind, Func<Random, string, string, (string Text, string? Expected)> Make)[] _kinds =
    [
        ("refusal", (random, _, _) => (Disguised(random, Pick(random, HostileTexts.Refusals)), null)),
        ("refusal-then-answer", (random, _, good) => ($"{Pick(random, HostileTexts.Refusals)} {good}", null)),
        ("preamble", (random, _, good) => (string.Format(CultureInfo.InvariantCulture, Pick(random, HostileTexts.Preambles), good), null)),
        ("explanation", (random, anchor, good)
            => (string.Format(CultureInfo.InvariantCulture, Pick(random, HostileTexts.Explanations), good, anchor), null)),
        ("question-back", (random, _, _) => (Disguised(random, Pick(random, HostileTexts.Questions)), null)),
        ("debris", (random, anchor, good) => (string.Format(CultureInfo.InvariantCulture, Pick(random, HostileTexts.Debris), good, anchor),
            null)),
        ("chatter", (random, anchor, good)
            => (string.Format(CultureInfo.InvariantCulture, Pick(random, HostileTexts.Chatter), good, anchor), null)),
        ("copy", (random, anchor, _) => (Copy(random, anchor), null)),
        ("exemplar", (random, _, _) => (Copy(random, Exemplar), null)),
        ("several-lines", (random, anchor, good)
            => (string.Join(Pick(random, ["\n", "\r\n", "\n\n", "\u2028", "\r"]), Pick<string[]>(random,
                [[good, anchor], [good, good], ["1. " + good, "2. " + anchor], ["- " + good, "- " + good + "!"]])), null)),
        ("list-on-a-line", (random, anchor, good)
            => (string.Format(CultureInfo.InvariantCulture, Pick(random, HostileTexts.Lists), good, anchor), null)),
        ("script", (random, anchor, _) => (OtherScript(random, anchor), null)),
        ("long", (random, anchor, good)
            => (string.Join(' ', Enumerable.Range(0, (3 * anchor.Length + 50) / good.Length + random.Next(1, 30)).Select(i => i % 2 == 0
                ? good : $"{good} {i}")), null)),
        ("empty", (random, _, _) => (Pick(random, HostileTexts.Empty), null)),
        ("odd-unicode", (random, _, good) => (good.Insert(good.Length / 2, Pick(random, HostileTexts.Broken)), null)),
        ("marks", (random, _, good)
            => (string.Concat(good.Select(c => c + new string((char)(0x300 + random.Next(0x30)), random.Next(9, 40)))), null)),
        ("truncated", (random, _, good) => (good[..(1 + random.Next(good.Length - 1))], null)),
        ("filtered", (random, _, good) => (random.Next(2) == 0 ? "" : good, null)),
        ("wrapped", (random, _, good) => (Wrapped(random, good), good)),
        ("invisible", (random, _, good) => (Sprinkled(random, good), good)),
    ];

    /// <summary>So many replies, of all kinds, the same for the same seed.</summary>
    public static IEnumerable<HostileReply> Generate(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            var (anchorForm, goodForm) = Pick(random, HostileSentences.All);
            string anchor = string.Format(CultureInfo.InvariantCulture, anchorForm, i),
                good = string.Format(CultureInfo.InvariantCulture, goodForm, i);
            if (i % 1000 == 500)
            {
                yield return new("giant", anchor, Giant(random, anchor, good), null, false, false, []);
                continue;
            }

            if (i % 20 == 7)
            {
                string whole = string.Join(' ', Enumerable.Repeat(anchor, 3)).PadRight(160, '.');
                yield return new("short", $"{whole} {i}", Pick(random, ["1.", "A.", "We", "2 x"]), null, false, false, []);
                continue;
            }

            var (kind, make) = Pick(random, _kinds);
            var (text, expected) = make(random, anchor, good);
            yield return new(kind, anchor, text, expected, kind == "truncated", kind == "filtered",
                [Exemplar, "Nobody came to the party."]);
        }
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> of) => of[random.Next(of.Count)];

    /// <summary>The same words as other models would put them on paper.</summary>
    private static string Disguised(Random random, string text) => random.Next(12) switch
    {
        0 => text.ToUpperInvariant(),
        1 => text.ToLowerInvariant(),
        2 => text.Replace('\'', '’'),
        3 => $"\"{text}\"",
        4 => $"**{text}**",
        5 => $"\n\n{text}\n",
        6 => $"- {text}",
        7 => $"Answer: {text}",
        8 => text.Replace(" ", "  ", StringComparison.Ordinal),
        9 => Sprinkled(random, text),
        10 => $"\uFEFF{text} ",
        _ => text,
    };

    private static string Copy(Random random, string text) => random.Next(16) switch
    {
        0 => text,
        1 => text.ToUpperInvariant(),
        2 => text.ToLowerInvariant(),
        3 => text.TrimEnd('.', '?', '!', '。', '？', '؟', '।'),
        4 => $"{text}!",
        5 => $"“{text}”",
        6 => $"'{text}'",
        7 => text.Replace(" ", "  ", StringComparison.Ordinal),
        8 => text.Replace(" ", "\u00A0", StringComparison.Ordinal),
        9 => Sprinkled(random, text),
        10 => $"\n{text}\n",
        11 => text.Replace('\'', '’').Replace('"', '”'),
        12 => text.Normalize(NormalizationForm.FormD),
        13 => $"Sentence: {text}",
        14 => $"{text} {text}",
        _ => $"*{text}*",
    };

    private static string Wrapped(Random random, string text)
    {
        for (int layers = random.Next(1, 4); layers > 0; layers--)
        {
            text = random.Next(layers == 1 ? 12 : 5) switch
            {
                // Quotes inside of the text would be ambiguous in the same quotes.
                0 => text.Contains('"') ? text : $"\"{text}\"",
                1 => text.Contains('”') ? text : $"“{text}”",
                2 => text.Contains('*') ? text : $"**{text}**",
                3 => text.Contains('«') ? text : $"« {text} »",
                4 => $" {text}\n",
                5 => $"- {text}",
                6 => $"1. {text}",
                7 => $"a) {text}",
                8 => $"{Pick(random, _labels)}: {text}",
                9 => $"**{Pick(random, ["Paraphrase", "Answer", "Hard negative"])}:** {text}",
                10 => Pick(random, [$"• {text}", $"### Response: {text}", $"**Paraphrase**: {text}", $"Answer 1: {text}"]),
                _ => $"\uFEFF{text}",
            };
        }
        return text;
    }

    /// <summary>Characters that nobody sees, between the words.</summary>
    private static string Sprinkled(Random random, string text)
    {
        var result = new StringBuilder();
        foreach (char c in text)
        {
            if (c == ' ' || result.Length == 0) result.Append(Pick(random, HostileTexts.Invisible));
            result.Append(c);
        }
        return result.ToString();
    }

    private static string OtherScript(Random random, string anchor)
    {
        // Han alone may be Japanese, so a few characters of it are another script only for those who write neither.
        bool japanese = anchor.Any(c => c is >= '\u3040' and <= '\u9FFF');
        string[] scripts = [.. HostileTexts.Scripts.Where(s => !s.Any(c => char.IsLetter(c) && anchor.Contains(c))
            && !(japanese && (s.Length < 6 || IsChinese(s) == IsChinese(anchor))))];
        return Pick(random, scripts);
    }

    private static bool IsChinese(string text) => text.Any(c => c is >= '\u4E00' and <= '\u9FFF')
        && !text.Any(c => c is >= '\u3040' and <= '\u30FF');

    private static string Giant(Random random, string anchor, string good)
    {
        int length = random.Next(20_000, 5_000_000);
        return random.Next(5) switch
        {
            0 => string.Concat(Enumerable.Repeat(good + " ", length / good.Length)),
            1 => good + new string('\u0301', length),
            2 => good + new string('\n', length) + anchor,
            3 => new string('(', length) + good,
            _ => $"{good}{new string('"', length)}{anchor}",
        };
    }
}
