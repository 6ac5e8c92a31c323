namespace Microsoft.ML.SynCse.Tests;

/// <summary>A rejection is a value; journals and reports hold its text, and it is read back from there.</summary>
[TestClass]
public sealed class RejectionReasonTests
{
    [TestMethod]
    [DataRow("empty sentence", RejectionStage.Input, 0, "empty sentence", null, null, null)]
    [DataRow("left out by Redact", RejectionStage.Input, 0, "left out by Redact", null, null, null)]
    [DataRow("positive: refusal", RejectionStage.Positive, 0, "refusal", null, null, null)]
    [DataRow("positive 2: duplicate", RejectionStage.Positive, 1, "duplicate", null, null, null)]
    [DataRow("negative 12: copy-of-input", RejectionStage.Negative, 11, "copy-of-input", null, null, null)]
    [DataRow("negative: refused (http-400: Content Exists Risk)", RejectionStage.Negative, 0, "refused", SynthesisFaultKind.Refused,
        "http-400",
        "Content Exists Risk")]
    [DataRow("positive: refused (http-400: {\"a\": (1)})", RejectionStage.Positive, 0, "refused", SynthesisFaultKind.Refused, "http-400",
        "{\"a\": (1)}")]
    [DataRow("positive: pair-judge (judge-http-451)", RejectionStage.Positive, 0, "pair-judge", SynthesisFaultKind.Refused,
        "judge-http-451",
        null)]
    [DataRow("fault: cut-reply", RejectionStage.Request, 0, null, SynthesisFaultKind.Transient, "cut-reply", null)]
    [DataRow("fault: timeout (no reply within 100 s)", RejectionStage.Request, 0, null, SynthesisFaultKind.Transient, "timeout",
        "no reply within 100 s")]
    [DataRow("fault: http-429 (slow: down)", RejectionStage.Request, 0, null, SynthesisFaultKind.Throttled, "http-429", "slow: down")]
    public void A_text_of_a_journal_is_read_and_written_as_it_was(string text, RejectionStage stage, int index, string? rule,
        SynthesisFaultKind? fault, string? faultName, string? message)
    {
        var reason = RejectionReason.Parse(text);
        Assert.AreEqual((stage, index, rule), (reason.Stage, reason.Index, reason.Rule));
        Assert.AreEqual((fault, faultName, message), (reason.Fault, reason.FaultName, reason.Message));
        Assert.AreEqual(text, reason.ToString());
        Assert.AreEqual(reason, RejectionReason.Parse(text));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("fault: ")]
    [DataRow("fault: x ()")]
    [DataRow("fault: a (b) c")]
    [DataRow("positive: ")]
    [DataRow("positive 1: x")]
    [DataRow("positive 0: x")]
    [DataRow("positive 99999999999: x")]
    [DataRow("negative: my (rule)")]
    [DataRow("negative: x (y: )")]
    [DataRow("negative: x (y: z")]
    [DataRow("positive: line\nbreak (a\nb)")]
    [DataRow("neutral: x")]
    public void Any_other_text_is_kept_too(string text) => Assert.AreEqual(text, RejectionReason.Parse(text).ToString());
}
