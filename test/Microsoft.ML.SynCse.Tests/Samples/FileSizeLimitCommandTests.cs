namespace Microsoft.ML.SynCse.Tests;

/// <summary>The program under a limit of file sizes, for files that the library does not write.</summary>
[TestClass]
public sealed class FileSizeLimitCommandTests
{
    // .NET reserves its memory for code in a file that is larger than any such limit.
    private static readonly Dictionary<string, string?> _noFileOfItsOwn = new() { ["DOTNET_EnableWriteXorExecute"] = "0" };

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public async Task Standard_output_that_cannot_grow_is_one_error_and_does_not_kill_the_program(int blocks)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no such limit");
        using var folder = new TemporaryFolder();
        var surroundings = new SampleSurroundings
        {
            Environment = _noFileOfItsOwn,
            Shell = $"ulimit -f {blocks}; exec \"$0\" \"$@\" > out.txt",
        };
        var run = await SampleProcess.RunInAsync(folder, surroundings, "--help");
        Assert.AreEqual(1, run.ExitCode, run.Error);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        StringAssert.Contains(run.Error, "ulimit -f");
        Assert.IsLessThan(2048, new FileInfo(Path.Combine(folder.Root, "out.txt")).Length);
    }
}
