using System.Text;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TrainingStepLogTests
{
    [TestMethod]
    public void A_log_is_the_steps_that_were_reported_and_can_be_read_while_the_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        var options = new ContrastiveTrainingOptions { BatchSize = 8, Epochs = 2, CheckpointFolder = folder.New("run") };
        string log = TrainingStepLog.PathOf(options)!;
        var reported = new List<TrainingProgress>();
        var seen = new List<int>();
        using var start = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(20), options, new Inline<TrainingProgress>(p =>
        {
            reported.Add(p);
            seen.Add(TrainingStepLog.Read(log).Count);
        }));
        CollectionAssert.AreEqual(Enumerable.Range(1, reported.Count).ToArray(), seen);
        var read = TrainingStepLog.Read(log);
        CollectionAssert.AreEqual(reported.Select(Told).ToArray(), read.Select(Told).ToArray());
        Assert.IsTrue(read.Any(p => p.Score is not null));

        static string Told(TrainingProgress p)
            => $"{p.Step} {p.TotalSteps} {p.Epoch} {p.Loss:r} {p.ContrastiveLoss:r} {p.MlmLoss:r} {p.GradientNorm:r} "
                + $"{p.LearningRate:r} {p.TokensPerSecond:r} {p.TimeLeft} {p.Score:r}";
    }

    [TestMethod]
    public void A_run_without_a_file_and_a_checkpoint_folder_has_no_log_and_its_own_file_goes_first()
    {
        Assert.IsNull(TrainingStepLog.PathOf(new()));
        Assert.AreEqual(Path.Combine("run", "training-log.jsonl"), TrainingStepLog.PathOf(new() { CheckpointFolder = "run" }));
        Assert.AreEqual("own.jsonl", TrainingStepLog.PathOf(new() { CheckpointFolder = "run", LogFile = "own.jsonl" }));
        Assert.ThrowsExactly<ArgumentNullException>(() => TrainingStepLog.PathOf(null!));
    }

    [TestMethod]
    public void A_line_without_its_end_is_left_out_and_a_line_that_is_no_step_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.New("log.jsonl");
        string line = TrainingStepLog.Line(
            new()
            {
                Step = 1,
                TotalSteps = 2,
                Epoch = 1,
                Loss = double.NaN,
                ContrastiveLoss = 1,
                GradientNorm = 1,
                LearningRate = 1e-5,
                TokensPerSecond = 10
            });
        File.WriteAllText(path, $"{line}\n{line[..20]}");
        Assert.AreEqual(double.NaN, TrainingStepLog.Read(path).Single().Loss);
        foreach (string? broken in new[] { line[..20], "null", "", """{"step":1}""" })
        {
            File.WriteAllText(path, $"{line}\n{broken}\n{line}\n");
            var error = Assert.ThrowsExactly<InvalidDataException>(() => TrainingStepLog.Read(path));
            StringAssert.StartsWith(error.Message, $"Line 2 of '{path}'");
        }
        // Bytes that are no UTF-8, in a line that is a step where they are replaced.
        File.WriteAllBytes(path, [.. Encoding.UTF8.GetBytes($"{line}\n{line[..^1]},\"note\":\"caf"), 0xE9, .. "\"}\n"u8]);
        var bytes = Assert.ThrowsExactly<InvalidDataException>(() => TrainingStepLog.Read(path));
        StringAssert.Contains(bytes.Message, path);
        StringAssert.Contains(bytes.Message, "Line 2");
        StringAssert.Contains(bytes.Message, "UTF-8");
        Assert.ThrowsExactly<FileNotFoundException>(() => TrainingStepLog.Read(folder.New("none.jsonl")));
    }
}
