using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The hash of all weights is made in the background of a load: who asks waits at most for the rest of it, and nothing waits for
/// ever.</summary>
[TestClass]
[DoNotParallelize]
public sealed class EncoderFingerprintTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [TestMethod]
    public void Every_way_to_load_begins_it_and_nobody_needs_to_ask()
    {
        using var folder = new TemporaryFolder();
        using var loaded = TinyEncoder.Load();
        using var packaged = SentenceEncoder.LoadDefault();
        var ml = new MLContext();
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(2));
        string zip = folder.New("model.zip");
        ml.Model.Save(ml.Transforms.ApplySentenceEncoder("Features", "Anchor", loaded).Fit(data), data.Schema, zip);
        using var model = (TextEncoderTransformer)ml.Model.Load(zip, out _);
        using var fromZip = SentenceEncoder.Load(zip);
        foreach (var encoder in new TextEncoder[] { loaded, packaged, model.Encoder, fromZip })
            Assert.IsTrue(SpinWait.SpinUntil(() => encoder.KnowsFingerprint, _patience));
        Assert.AreEqual(Id(loaded), Id(model.Encoder));
        Assert.AreEqual(Id(loaded), Id(fromZip));
    }

    [TestMethod]
    public void The_background_makes_it_on_another_thread_and_once()
    {
        using var encoder = TinyEncoder.Load();
        var threads = new ConcurrentQueue<int>();
        var fingerprint = new EncoderFingerprint(sink =>
        {
            threads.Enqueue(Environment.CurrentManagedThreadId);
            Write(encoder, sink);
        });
        fingerprint.Begin();
        Assert.IsTrue(SpinWait.SpinUntil(() => fingerprint.IsMade, _patience));
        Assert.AreEqual(Id(encoder), fingerprint.Get());
        Assert.AreNotEqual(Environment.CurrentManagedThreadId, threads.Single());
    }

    [TestMethod]
    public void An_error_in_the_background_is_met_by_who_asks()
    {
        using var encoder = TinyEncoder.Load();
        int uses = 0;
        var fingerprint = new EncoderFingerprint(sink =>
        {
            if (Interlocked.Increment(ref uses) < 3) throw new IOException("the disk is gone");
            Write(encoder, sink);
        });
        fingerprint.Begin();
        Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref uses) == 1, _patience));
        Assert.AreEqual("the disk is gone", Assert.ThrowsExactly<IOException>(() => fingerprint.Get()).Message);
        Assert.AreEqual(Id(encoder), fingerprint.Get());
    }

    [TestMethod]
    public void Who_waits_can_be_cancelled_and_goes_on_at_the_end()
    {
        using var encoder = TinyEncoder.Load();
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        int uses = 0;
        var fingerprint = new EncoderFingerprint(sink =>
        {
            if (Interlocked.Increment(ref uses) == 1)
            {
                begun.Set();
                go.Wait();
            }
            Write(encoder, sink);
        });
        fingerprint.Begin();
        begun.Wait();
        Assert.Throws<OperationCanceledException>(() => fingerprint.Get(new CancellationToken(canceled: true)));
        fingerprint.End();
        Assert.AreEqual(Id(encoder), fingerprint.Get(), "made by who asks");
        go.Set();
    }

    [TestMethod]
    public void The_end_ends_the_reading_of_weights()
    {
        using var encoder = TinyEncoder.Load();
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var ended = new ManualResetEventSlim();
        Exception? met = null;
        var fingerprint = new EncoderFingerprint(sink =>
        {
            begun.Set();
            go.Wait();
            try
            {
                Write(encoder, sink);
            }
            catch (OperationCanceledException error)
            {
                met = error;
                throw;
            }
            finally
            {
                ended.Set();
            }
        });
        fingerprint.Begin();
        begun.Wait();
        fingerprint.End();
        go.Set();
        Assert.IsTrue(ended.Wait(_patience));
        Assert.IsInstanceOfType<OperationCanceledException>(met);
        Assert.IsFalse(fingerprint.IsMade);
    }

    [TestMethod]
    public void An_encoder_disposed_at_once_leaves_nothing_and_says_its_name()
    {
        long before = LiveTensors.Settled();
        using var folder = new TemporaryFolder();
        string path = TinyEncoder.WriteFolder(folder);
        for (int i = 0; i < 50; i++)
        {
            var encoder = SentenceEncoder.Load(path);
            encoder.Dispose();
            if (encoder.KnowsFingerprint) continue;
            StringAssert.Contains(
                Assert.ThrowsExactly<ObjectDisposedException>(() => Id(encoder)).Message, "The sentence encoder '1-encoder' was disposed");
        }
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void Who_asks_in_a_call_that_a_disposal_waits_for_gets_it()
    {
        for (int round = 0; round < 20; round++)
        {
            var encoder = TinyEncoder.Load();
            using var encoding = new ManualResetEventSlim();
            string? id = null;
            var call = new Thread(() => encoder.Encode(["a cat"], progress: new Inline<EncodingProgress>(_ =>
            {
                encoding.Set();
                Thread.Sleep(5);                                        // the disposal comes to wait meanwhile, most times
                id = Id(encoder);
            })));
            call.Start();
            encoding.Wait();
            encoder.Dispose();
            Assert.IsTrue(call.Join(_patience), "the call and the disposal wait for each other");
            Assert.IsNotNull(id);
        }
    }

    private static string Id(TextEncoder encoder)
        => ((EmbeddingGeneratorMetadata)encoder.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelId!;

    private static void Write(SentenceEncoder encoder, IModelFileSink sink) => encoder.Use(model =>
    {
        model.WriteIdentity(sink);
        return true;
    });
}
