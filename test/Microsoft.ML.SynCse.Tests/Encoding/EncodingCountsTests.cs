using System.Diagnostics.Metrics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What an encoder counts: sentences, tokens, and sentences that were cut; once a call, in a stream too.</summary>
[TestClass]
[DoNotParallelize]
public sealed class EncodingCountsTests
{
    [TestMethod]
    public async Task The_meter_counts_sentences_tokens_and_cuts_of_lists_and_streams()
    {
        using var encoder = TinyEncoder.Load();
        string[] texts = [.. Enumerable.Range(0, 30).Select(i => string.Join(' ', Enumerable.Repeat("cat", i + 20)))];
        long tokens = texts.Sum(t => encoder.Tokenize(t).Count),
            cut = texts.LongCount(t => encoder.Tokenize(t).Count == 40 && t.Split(' ').Length > 38);
        var counts = new Dictionary<string, long>();
        using var listener =
            new MeterListener
            {
                InstrumentPublished = (instrument, l)
            =>
                { if (instrument.Meter.Name == "Microsoft.ML.SynCse") l.EnableMeasurementEvents(instrument); }
            };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _)
            =>
        { lock (counts) counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value; });
        listener.Start();
        encoder.Encode(texts);
        Check(1);
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode(texts), await encoder.EncodeAsync(texts)));
        Check(3);
        int read = 0;
        await foreach (float[] _ in encoder.EncodeStreamingAsync(Stream(texts), new() { WindowSize = 7 }))
            // A stream may never end, so every window counts when it is encoded.
            if (++read % 7 == 0) Assert.AreEqual(90L + read, counts["syncse.encoding.sentences"]);
        Check(4);

        void Check(int times)
        {
            Assert.AreEqual(30L * times, counts["syncse.encoding.sentences"]);
            Assert.AreEqual(tokens * times, counts["syncse.encoding.tokens"]);
            Assert.AreEqual(cut * times, counts["syncse.encoding.truncated"]);
        }
    }

    private static async IAsyncEnumerable<string> Stream(string[] texts)
    {
        foreach (string text in texts)
        {
            await Task.Yield();
            yield return text;
        }
    }
}
