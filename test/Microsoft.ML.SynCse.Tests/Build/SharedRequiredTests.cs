using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Where the folder beside the checkout is there, CI's run skips no test for want of it.</summary>
[TestClass]
public sealed class SharedRequiredTests
{
    private const string FakeDotnet = """
        #!/usr/bin/env bash
        echo "${SYNCSE_SHARED_REQUIRED-none}" >> "$SEEN"
        while [[ $# -gt 0 && $1 != --results-directory ]]; do shift; done
        mkdir -p "$2"
        echo '<Counters total="1" passed="1" failed="0" error="0" timeout="0" aborted="0" />' > "$2/$RANDOM.trx"
        """;

    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public void What_is_missing_fails_where_it_must_be_there_and_is_inconclusive_elsewhere()
    {
        string folder = _temporary.New("shared");
        Directory.CreateDirectory(Path.Combine(folder, "golden"));
        foreach (bool required in new[] { true, false })
            Assert.AreEqual(Path.Combine(folder, "golden"), SharedFolder.Find(folder, "golden", required));
        var failure = Assert.ThrowsExactly<AssertFailedException>(() => SharedFolder.Find(folder, "golden/none.json", required: true));
        StringAssert.Contains(failure.Message, Path.Combine(folder, "golden", "none.json"));
        Assert.ThrowsExactly<AssertInconclusiveException>(() => SharedFolder.Find(folder, "golden/none.json", required: false));
    }

    // The script with a dotnet that writes down what it is told.
    [TestMethod]
    [DataRow(true, null, "1")]
    [DataRow(false, null, "none")]
    [DataRow(false, "1", "none")]
    public async Task The_run_of_CI_says_so_to_all_its_tests(bool shared, string? before, string expected)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("needs bash");
            return;
        }
        string root = _temporary.New("root");
        string checkout = Path.Combine(root, "checkout"), tools = Path.Combine(root, "tools"), seen = Path.Combine(root, "seen");
        foreach (string? folder in new[] { Path.Combine(checkout, ".ci"), tools }) Directory.CreateDirectory(folder);
        if (shared) Directory.CreateDirectory(Path.Combine(root, "shared"));
        foreach (string? file in new[] { Path.Combine(".ci", "run"), "README.md" })
            File.Copy(Path.Combine(SharedFolder.RepositoryRoot, file), Path.Combine(checkout, file));
        string dotnet = Path.Combine(tools, "dotnet");
        await File.WriteAllTextAsync(dotnet, FakeDotnet.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var start = new ProcessStartInfo("bash", Path.Combine(checkout, ".ci", "run")) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{tools}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["SEEN"] = seen;
        start.Environment.Remove(SharedFolder.RequiredVariable);
        if (before is not null) start.Environment[SharedFolder.RequiredVariable] = before;
        using var run = Process.Start(start)!;
        string output = await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
        Assert.AreEqual(0, run.ExitCode, output);
        string[] lines = await File.ReadAllLinesAsync(seen);
        Assert.IsGreaterThan(1, lines.Length);
        CollectionAssert.AreEqual(Enumerable.Repeat(expected, lines.Length).ToArray(), lines);
    }
}
