using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Counts what an encoder did, for its meter, its log and the usage of a call. It never sees a sentence.</summary>
internal sealed class EncodingMonitor(ILogger? logger, TextEncoder encoder)
{
    private static readonly Counter<long> _encodedSentences =
        SynCseTelemetry.Meter.CreateCounter<long>("syncse.encoding.sentences", "{sentence}", "Sentences that were encoded.");
    private static readonly Counter<long> _encodedTokens =
        SynCseTelemetry.Meter.CreateCounter<long>("syncse.encoding.tokens", "{token}",
            "Tokens of encoded sentences, special tokens included, padding not.");
    private static readonly Counter<long> _truncatedSentences =
        SynCseTelemetry.Meter.CreateCounter<long>("syncse.encoding.truncated", "{sentence}",
            "Encoded sentences that were cut at the encoder's number of tokens.");

    private long _sentences;

    /// <summary>How many sentences were encoded so far.</summary>
    public long Sentences => Interlocked.Read(ref _sentences);

    /// <summary>Counts what a call did since it was last reported, and logs one line for a call, as soon as sentences of it were
    /// cut.</summary>
    /// <remarks>A call of a list is reported once. A stream may be endless, so it is reported after every window.</remarks>
    public void Report(EncodingCall call)
    {
        var (sentences, tokens, truncated) = call.TakeUnreported();
        Interlocked.Add(ref _sentences, sentences);
        _encodedSentences.Add(sentences);
        _encodedTokens.Add(tokens);
        if (truncated == 0) return;
        _truncatedSentences.Add(truncated);
        // This call has its line already.
        if (truncated < call.Truncated) return;
        logger?.LogWarning(
            "{Truncated} of {Sentences} sentences were longer than {MaxSequenceLength} tokens and were cut. Split long texts, or raise "
                + "MaxSequenceLength where the model allows it.",
            call.Truncated, call.Sentences, encoder.MaxSequenceLength);
    }
}

/// <summary>The counts of one call.</summary>
internal sealed class EncodingCall(IProgress<EncodingProgress>? progress)
{
    private (long Sentences, long Tokens, long Truncated) _reported;
    private long _total;

    /// <summary>Sentences encoded so far.</summary>
    public long Sentences { get; private set; }

    /// <summary>Their tokens, special tokens included, padding not.</summary>
    public long Tokens { get; private set; }

    /// <summary>How many sentences were cut.</summary>
    public long Truncated { get; set; }

    /// <summary>So many more sentences are to be encoded.</summary>
    public void Begin(int sentences) => _total += sentences;

    /// <summary>A batch was computed.</summary>
    public void BatchDone(int sentences, int tokens)
    {
        Sentences += sentences;
        Tokens += tokens;
        progress?.Report(new(Sentences, _total, Tokens));
    }

    /// <summary>The counts since this was called last.</summary>
    public (long Sentences, long Tokens, long Truncated) TakeUnreported()
    {
        var before = _reported;
        _reported = (Sentences, Tokens, Truncated);
        return (Sentences - before.Sentences, Tokens - before.Tokens, Truncated - before.Truncated);
    }

    /// <summary>The counts as Microsoft.Extensions.AI has them.</summary>
    public UsageDetails Usage() => new()
    {
        InputTokenCount = Tokens,
        TotalTokenCount = Tokens,
        AdditionalCounts = Truncated == 0 ? null : new() { ["truncated_inputs"] = Truncated },
    };
}
