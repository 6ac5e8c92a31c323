using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed class FileSizeLimitTests
{
    private const int FileSize = 1;
    private const nuint Room = 256 << 10;
    private const ulong SigXfsz = 1UL << (25 - 1);

    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void OnLinux()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("sets the limit as Linux does");
    }

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public void Reaching_the_limit_while_a_model_is_saved_is_one_error_and_nothing_is_left()
    {
        using var encoder = SentenceEncoder.LoadDefault();
        var ml = new MLContext { TempFilePath = _folder.Root };
        var model = Model(ml, encoder);
        foreach (var save in new Action<string>[] { path => ml.Model.SaveAtomically(model, null, path), encoder.Save })
        {
            string path = _folder.New("saved");
            var error = Assert.ThrowsExactly<IOException>(() => WithLimit(Room, () => save(path)));
            StringAssert.Contains(error.Message, path);
            StringAssert.Contains(error.Message, "ulimit -f");
            Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Root));
        }
    }

    [TestMethod]
    public void The_models_own_Save_says_so_too()
    {
        using var encoder = SentenceEncoder.LoadDefault();
        var ml = new MLContext { TempFilePath = _folder.Root };
        var model = Model(ml, encoder);
        var error = Assert.ThrowsExactly<IOException>(() => WithLimit(Room, () => ml.Model.Save(model, null, _folder.New("saved"))));
        StringAssert.Contains(error.Message, "ulimit -f");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(700)]
    [DataRow(1 << 20)]
    public void Writes_of_any_size_meet_it_and_what_is_buffered_does_not_meet_it_again_later(int piece)
    {
        string path = _folder.New("file");
        var error = Assert.ThrowsExactly<IOException>(() => WithLimit(Room, () => AtomicFile.Write(path, stream =>
        {
            for (int written = 0; written < 2 * (int)Room; written += piece) stream.Write(new byte[piece]);
        })));
        StringAssert.Contains(error.Message, "ulimit -f");
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public async Task An_export_and_a_journal_say_so_too()
    {
        string path = _folder.New("journal"), file = _folder.New("t.jsonl"), csv = _folder.New("t.csv");
        var store = await JournalStore.OpenAsync(path, CancellationToken.None);
        await store.WriteAsync(tables =>
        {
            for (int i = 0; i < 2000; i++) tables.SaveOutcome(Row(i));
        });
        await store.CloseAsync();
        foreach (string? target in new[] { file, csv })
        {
            var error = await Assert.ThrowsExactlyAsync<IOException>(
                () => WithLimitAsync(Room, () => SynthesisJournal.ExportAsync(path, target)));
            StringAssert.Contains(error.Message, "ulimit -f");
            Assert.IsFalse(File.Exists(target));
        }
        var full = await Assert.ThrowsExactlyAsync<IOException>(() => WithLimitAsync(Room, async () =>
        {
            var small = await JournalStore.OpenAsync(_folder.New("small"), CancellationToken.None);
            try
            {
                for (int part = 0; part < 50; part++)
                {
                    int from = 100 * part;
                    await small.WriteAsync(tables =>
                    {
                        for (int i = 0; i < 100; i++) tables.SaveOutcome(Row(from + i));
                    });
                }
            }
            finally
            {
                await small.CloseAsync();
            }
        }));
        StringAssert.Contains(full.Message, "cannot grow");
    }

    [TestMethod]
    public void A_training_log_says_so_too()
    {
        string path = _folder.New("log.jsonl");
        var step = new TrainingProgress
        {
            Step = 1,
            TotalSteps = 2,
            Epoch = 1,
            Loss = 1,
            ContrastiveLoss = 1,
            MlmLoss = 0,
            ChanceLoss = 1,
            MeanCosine = 0,
            MaskedShare = 0,
            GradientNorm = 1,
            LearningRate = 1,
            Tokens = 1,
            TokensPerSecond = 1,
        };
        var error = Assert.ThrowsExactly<IOException>(() => WithLimit(Room, () =>
        {
            using var log = new TrainingLogFile(path, []);
            for (int i = 0; i < 10_000; i++) log.Add(step);
        }));
        StringAssert.Contains(error.Message, "ulimit -f");
        StringAssert.Contains(error.Message, "training log");
    }

    [TestMethod]
    public void Another_argument_out_of_range_is_no_limit()
    {
        // .NET's own, with the very name that it gives a file that grew too large.
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => AtomicFile.Write(_folder.New("file"), _ => new MemoryStream().Position = -1));
        Assert.AreEqual("value", error.ParamName);
        using var limit = FileSizeLimit.Guard();
        Assert.IsFalse(limit.IsReachedBy(error));
    }

    [TestMethod]
    public async Task What_the_process_does_with_the_signal_stays_as_it_was()
    {
        ulong handled = Handled();
        using var encoder = TinyEncoder.Load();
        encoder.Save(_folder.New("encoder"));
        var ml = new MLContext();
        ml.Model.SaveAtomically(Model(ml, encoder), null, _folder.New("model"));
        string path = _folder.New("journal");
        var store = await JournalStore.OpenAsync(path, CancellationToken.None);
        await store.WriteAsync(tables => tables.SaveOutcome(JournalRows.Outcome(0, "A sentence.", "p")));
        Assert.AreEqual(handled, Handled(), "while a journal is open");
        ulong blocked = await store.ReadAsync(_ => Mask("/proc/thread-self/status", "SigBlk"));
        Assert.AreEqual(SigXfsz, blocked, "on the journal's own thread it is blocked");
        await store.CloseAsync();
        await SynthesisJournal.ExportAsync(path, _folder.New("t.csv"));
        var options = new ContrastiveTrainingOptions { BatchSize = 10, CheckpointFolder = _folder.New("run") };
        ContrastiveTrainer.Train(encoder, TinyEncoder.Triplets(20), options).Dispose();
        Assert.AreEqual(handled, Handled());
        Assert.AreEqual(0ul, Mask("/proc/thread-self/status", "SigBlk"));
    }

    [TestMethod]
    public async Task A_journal_has_the_signal_blocked_while_it_works_and_no_thread_that_it_starts_for_its_callers_inherits_that()
    {
        var store = await JournalStore.OpenAsync(_folder.New("journal"), CancellationToken.None);
        Assert.AreEqual(SigXfsz, await store.ReadAsync(_ => OwnMask()));
        Assert.AreEqual(SigXfsz, await store.WriteAsync(_ => OwnMask()));
        var teller = new TellersMask();
        // A task that has ended before its continuation is attached is told of by who attaches it: the journal waits until all are.
        using var attached = new ManualResetEventSlim();
        var held = store.ReadAsync(_ => attached.Wait(TimeSpan.FromMinutes(1)));
        Task[] told =
        [
            On(store.ReadAsync(_ => true)),
            On(store.WriteAsync(tables => tables.SaveOutcome(Row(1)))),
            On(store.ReadAsync<bool>(_ => throw new InvalidDataException("a caller's own trouble"))),
            On(store.WriteAsync((Action<JournalTables>)(_ => throw new InvalidDataException("a caller's own trouble")))),
        ];
        attached.Set();
        Assert.IsTrue(await held, "the journal was held too long");
        await Task.WhenAll(told);
        // Who tells a caller may start a thread of the pool for it, which has the mask of who started it.
        CollectionAssert.AreEqual(Enumerable.Repeat(("SynCse journal", 0ul), told.Length).ToArray(), teller.Seen.ToArray());
        string[] idle = [.. Directory.GetDirectories("/proc/self/task").Select(folder => Path.Combine(folder, "status"))
            .Where(status => File.ReadLines(status).First() == "Name:\tSynCse journal")];
        Assert.IsNotEmpty(idle);
        foreach (string status in idle) Assert.AreEqual(0ul, Mask(status, "SigBlk"), "an idle journal");
        await store.CloseAsync();

        Task On(Task work)
            => work.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.None, teller);
    }

    [TestMethod]
    public void A_guard_gives_its_thread_back_as_it_was_also_after_the_limit_was_met_and_inside_another()
    {
        using var file = new FileStream(_folder.New("file"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        WithLimit(Room, () =>
        {
            Exception? met = null;
            using (var outer = FileSizeLimit.Guard())
            {
                using (var inner = FileSizeLimit.Guard())
                {
                    try
                    {
                        file.Write(new byte[2 * (int)Room]);
                    }
                    catch (ArgumentOutOfRangeException error)
                    {
                        met = error;
                    }
                    Assert.IsTrue(inner.IsReachedBy(met!));
                }
                Assert.AreEqual(SigXfsz, Mask("/proc/thread-self/status", "SigBlk"), "the outer one goes on");
                Assert.IsTrue(outer.IsReachedBy(met!));
            }
            using var next = FileSizeLimit.Guard();
            Assert.IsFalse(next.IsReachedBy(met!), "the signal is gone with the guard");
        });
        Assert.AreEqual(0ul, Mask("/proc/thread-self/status", "SigBlk"));
    }

    [TestMethod]
    public void Where_a_thread_cannot_block_the_signal_the_process_handles_it_while_somebody_writes()
    {
        ulong before = Handled();
        using (FileSizeSignal.Hold())
        {
            var second = FileSizeSignal.Hold();
            Assert.AreEqual(SigXfsz, Handled());
            second.Dispose();
            second.Dispose();
            Assert.AreEqual(SigXfsz, Handled());
        }
        Assert.AreEqual(before, Handled());
    }

    private static ITransformer Model(MLContext ml, SentenceEncoder encoder)
        => ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(ml.Data.LoadFromEnumerable(SentenceRow.Many(2)));

    private static ulong Handled() => Mask("/proc/self/status", "SigCgt") & SigXfsz;

    private static OutcomeRow Row(int i) => JournalRows.Outcome(i, FormattableString.Invariant($"Sentence {i}."), new string('p', 200));

    private static ulong Mask(string file, string name)
    {
        string line = File.ReadLines(file).Single(line => line.StartsWith(name, StringComparison.Ordinal));
        return ulong.Parse(line.Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static void WithLimit(nuint bytes, Action action) => WithLimitAsync(bytes, () =>
    {
        action();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    private static async Task WithLimitAsync(nuint bytes, Func<Task> action)
    {
        Assert.AreEqual(0, getrlimit(FileSize, out var before));
        var limit = before with { Soft = bytes };
        Assert.AreEqual(0, setrlimit(FileSize, in limit));
        try
        {
            await action();
        }
        finally
        {
            setrlimit(FileSize, in before);
        }
    }

    [DllImport("libc")]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc")]
    private static extern int setrlimit(int resource, in Limit limit);

    private static ulong OwnMask() => Mask("/proc/thread-self/status", "SigBlk");

    /// <summary>Notes the thread that hands work on to other threads, and which signals it has blocked.</summary>
    private sealed class TellersMask : TaskScheduler
    {
        public ConcurrentQueue<(string? Thread, ulong Blocked)> Seen { get; } = [];

        protected override void QueueTask(Task task)
        {
            Seen.Enqueue((Thread.CurrentThread.Name, OwnMask()));
            ThreadPool.QueueUserWorkItem(_ => TryExecuteTask(task));
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }

    private record struct Limit(nuint Soft, nuint Hard);
}
