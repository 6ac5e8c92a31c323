using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Synthesis.Languages;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>
/// Turns down text in another writing than its anchor's. Names in Latin letters inside are fine, and so are texts without them.
/// </summary>
internal sealed class ScriptRule : IReplyRule
{
    // Fewer Latin letters than this say nothing: "OK" is in use everywhere.
    private const int FewLetters = 3;

    // So much of an anchor beside Latin names is enough to be its language: "Microsoft Teams 无法登录".
    private const double OwnShare = 0.4;

    // One Greek letter does not make a sentence Greek.
    private const double LeastShare = 0.1;

    // Han without kana is Chinese if it is as long as this; a shorter one may be Japanese.
    private const int LongHan = 6;

    /// <inheritdoc/>
    public string Name => "script";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (Ascii.IsValid(candidate.Text) && Ascii.IsValid(candidate.Anchor)) return ReplyVerdict.Accepted;
        var (anchor, text) = (ScriptCounts.Of(candidate.Anchor), ScriptCounts.Of(candidate.Text));
        return anchor.Letters == 0 || Fits(text, anchor) ? ReplyVerdict.Accepted : ReplyVerdict.Rejected("another script than the input's");
    }

    private static bool Fits(ScriptCounts text, ScriptCounts anchor)
    {
        int foreign = text.MostBesideLatin, own = anchor.MostBesideLatin;
        // Not one letter of the anchor's own script in Latin words.
        if (text.Share(foreign) <= 0.5)
            return anchor.Share(own) < OwnShare || text.Latin < FewLetters || text[own] > 0;
        if (anchor.Share(foreign) < LeastShare) return false;
        return !(text.Han >= LongHan && text.Kana == 0 && anchor.Kana > 0) && !(anchor.Han >= LongHan && anchor.Kana == 0 && text.Kana > 1);
    }
}

/// <summary>
/// Turns down text in another language than its anchor's, within one script (<see cref="ScriptRule"/> sees other scripts): models like to
/// answer in English.
/// </summary>
/// <remarks>
/// Letter statistics decide (<see cref="LanguageEvidence"/>), with a margin, over words that the two texts do not share; so names, loan
/// words and quoted parts say nothing. Texts of fewer than four such words or sixteen letters pass, and so do mixed ones: one word never
/// decides. It takes about two milliseconds a pair and 60 MB (<see cref="LanguageModels"/>).
/// </remarks>
internal sealed class LanguageRule : IReplyRule
{
    /// <summary>
    /// How much likelier two languages must be than one by default, in nats: 7 times, with the priors of <see cref="LanguagePriors"/>.
    /// </summary>
    public const double DefaultMargin = 2;

    private const int FewWords = 4, FewLetters = 16;

    // Where so much of a text stands in the anchor, it is in the anchor's language: a small edit, or a list of names.
    private const double SharedShare = 0.4;

    private readonly double _margin;

    public LanguageRule(double margin)
    {
        _margin = margin;
        // Outcomes stand under the name: another margin is another rule.
        Name = margin == DefaultMargin ? "language" : string.Create(CultureInfo.InvariantCulture, $"language-{margin}");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => AreInTwo(candidate.Anchor, candidate.Text, _margin) ? ReplyVerdict.Rejected("another language than the input's")
        : ReplyVerdict.Accepted;

    private static bool AreInTwo(string anchor, string text, double margin)
    {
        if (anchor.Length < FewLetters || text.Length < FewLetters) return false;
        List<string> given = LanguageWords.Of(anchor), written = LanguageWords.Of(text);
        if (IsShort(given) || IsShort(written)) return false;
        HashSet<string> inGiven = new(given, StringComparer.OrdinalIgnoreCase), inWritten = new(written, StringComparer.OrdinalIgnoreCase);
        if (written.Count(inGiven.Contains) >= SharedShare * written.Count) return false;
        given.RemoveAll(word => inWritten.Contains(word) && MayBeName(word));
        written.RemoveAll(word => inGiven.Contains(word) && MayBeName(word));
        if (IsShort(given) || IsShort(written) || !AreOfOneScript(anchor, text)) return false;
        return LanguageEvidence.Apart(LanguageEvidence.Of(given, LanguageModels.All),
            LanguageEvidence.Of(written, LanguageModels.All)) >= margin;
    }

    // "du" and "sur" in both texts say that they are of one language; "Lindner" and "Feature" say nothing.
    private static bool MayBeName(string word) => word.Length > 3 || char.IsUpper(word[0]);

    private static bool IsShort(List<string> words) => words.Count < FewWords || LanguageWords.Letters(words) < FewLetters;

    private static bool AreOfOneScript(string anchor, string text)
    {
        var (one, other) = (ScriptCounts.Of(anchor), ScriptCounts.Of(text));
        return one.MainScript is { } script && script == other.MainScript;
    }
}
