using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What Windows does to a file that somebody has open, done here by <see cref="HeldFiles"/>.</summary>
[TestClass]
public sealed class FileReplacementTests
{
    private const int Tries = 10;
    private readonly TemporaryFolder _temporary = new();

    public static IEnumerable<object[]> Faults =>
    [
        [HeldFiles.Error(HeldFiles.SharingViolation)],
        [HeldFiles.Error(HeldFiles.LockViolation)],
        [(Func<Exception>)(() => new UnauthorizedAccessException("Access to the path is denied."))],
    ];

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public void A_file_that_is_held_for_a_moment_is_replaced(Func<Exception> fault)
    {
        string path = Old();
        using var held = new HeldFiles(fault, Tries - 1).Begin();
        AtomicFile.Write(path, stream => stream.Write("new"u8));
        Assert.AreEqual("new", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_temporary.Root));
        Assert.HasCount(Tries - 1, held.Waits);
        Assert.IsTrue(held.Waits.Zip(held.Waits.Skip(1)).All(pair => pair.Second >= pair.First), "waits grow");
        Assert.IsLessThan(TimeSpan.FromSeconds(10), held.Waits.Aggregate((a, b) => a + b));
    }

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public void One_that_stays_held_is_named_and_the_new_content_is_kept(Func<Exception> fault)
    {
        string path = Old();
        using var held = new HeldFiles(fault, int.MaxValue) { Held = p => p == path }.Begin();
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write("new"u8)));
        Assert.AreEqual(Tries, held.Calls);
        Assert.AreEqual("old", File.ReadAllText(path));
        string kept = Directory.GetFiles(_temporary.Root).Single(file => file != path);
        Assert.AreEqual("new", File.ReadAllText(kept));
        foreach (string? part in new[] { path, kept, "another program", "virus scanner" }) Assert.Contains(part, error.Message);
    }

    [TestMethod]
    public void The_holder_is_named_where_the_system_tells()
    {
        string path = Old();
        using var held = new HeldFiles(HeldFiles.Error(HeldFiles.SharingViolation), int.MaxValue)
        {
            Holder = "backup.exe (process 12)",
            Held = p => p == path,
        }.Begin();
        Assert.Contains("open in backup.exe (process 12)",
            Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write("new"u8))).Message);
    }

    [TestMethod]
    public void A_file_that_is_mapped_is_never_replaced_but_written_under_a_new_name()
    {
        string path = Old();
        File.WriteAllText(Path.Combine(_temporary.Root, $"{Path.GetFileName(path)}.new1"), "of the last time");
        using var held = new HeldFiles(HeldFiles.Error(HeldFiles.MappedFile), int.MaxValue) { Held = p => p == path }.Begin();
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write("new"u8)));
        Assert.AreEqual(1, held.Calls, "who maps a file keeps it");
        Assert.IsEmpty(held.Waits);
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.AreEqual("new", File.ReadAllText(path + ".new2"));
        Assert.Contains("mapped into the memory of", error.Message);
        Assert.Contains(path + ".new2", error.Message);
        Assert.HasCount(3, Directory.GetFiles(_temporary.Root));
    }

    [TestMethod]
    public void Where_even_the_new_file_is_held_nothing_is_left()
    {
        string path = Old();
        using var held = new HeldFiles(HeldFiles.Error(HeldFiles.SharingViolation), int.MaxValue).Begin();
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write("new"u8)));
        Assert.Contains("Nothing was left behind", error.Message);
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_temporary.Root));
    }

    [TestMethod]
    public async Task Cancellation_ends_the_tries_and_leaves_nothing()
    {
        string path = Old();
        using var cancellation = new CancellationTokenSource();
        using var held = new HeldFiles(HeldFiles.Error(HeldFiles.SharingViolation), int.MaxValue)
        {
            BeforeWait = cancellation.Cancel,
        }.Begin();
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => AtomicFile.WriteAsync(path, async stream => await stream.WriteAsync("new"u8.ToArray()), cancellation.Token));
        Assert.AreEqual(1, held.Calls);
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_temporary.Root));
    }

    [TestMethod]
    [DataRow(0x70, "no room")]
    [DataRow(0x03, "no such folder")]
    public void Another_error_is_not_tried_again(int number, string words)
    {
        string path = Old();
        using var held = new HeldFiles(() => new IOException(words, unchecked((int)0x80070000) | number), int.MaxValue).Begin();
        Assert.Contains(words, Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, stream => stream.Write("new"u8))).Message);
        Assert.AreEqual(1, held.Calls);
        Assert.HasCount(1, Directory.GetFileSystemEntries(_temporary.Root));
    }

    [TestMethod]
    public void A_name_that_is_a_folder_or_may_not_be_changed_is_not_tried_again()
    {
        string folder = _temporary.New("folder");
        Directory.CreateDirectory(folder);
        string path = Old();
        File.SetAttributes(path, FileAttributes.ReadOnly);
        using var held = new HeldFiles(() => new UnauthorizedAccessException("denied"), int.MaxValue).Begin();
        foreach (string? target in new[] { folder, path })
        {
            int before = held.Calls;
            Assert.Contains("denied",
                Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(target, stream => stream.WriteByte(1))).Message);
            Assert.AreEqual(before + 1, held.Calls, target);
        }
        File.SetAttributes(path, FileAttributes.Normal);
    }

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public void A_folder_waits_for_its_scanner(Func<Exception> fault)
    {
        using var encoder = TinyEncoder.Load();
        string folder = _temporary.New("saved"), other = _temporary.New("other");
        using (new HeldFiles(fault, 3).Begin()) encoder.Save(folder);
        using (var again = SentenceEncoder.Load(folder)) Assert.AreEqual(encoder.Dimensions, again.Dimensions);

        using (new HeldFiles(fault, int.MaxValue).Begin())
            Assert.Contains(other, Assert.Throws<IOException>(() => encoder.Save(other)).Message);
        Assert.HasCount(1, Directory.GetFileSystemEntries(_temporary.Root));
    }

    [TestMethod]
    public void A_checkpoint_that_is_held_does_not_end_the_run_when_it_grows_old()
    {
        string folder = _temporary.New("checkpoints");
        var options = new ContrastiveTrainingOptions { BatchSize = 4, CheckpointFolder = folder, CheckpointEvery = 1 };
        using var start = TinyEncoder.Load();
        using (new HeldFiles(HeldFiles.Error(HeldFiles.SharingViolation), int.MaxValue)
        {
            Held = path => path.EndsWith("step-00000001.checkpoint", StringComparison.Ordinal) && File.Exists(path),
        }.Begin())
        using (var result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(24), options))
            Assert.AreEqual(start.Dimensions, result.Encoder.Dimensions);
        Assert.IsTrue(File.Exists(Path.Combine(folder, "step-00000001.checkpoint")));
    }

    // Whoever renames or replaces elsewhere has none of this.
    [TestMethod]
    public void Nobody_else_renames_or_replaces()
    {
        string source = Path.Combine(SharedFolder.RepositoryRoot, "src");
        var wrong = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && Path.GetFileName(file) != "FileReplacement.cs")
            .Where(file => new[] { "File.Move(", "File.Replace(", "Directory.Move(", "MemoryMappedFile" }
                .Any(call => File.ReadAllText(file).Contains(call, StringComparison.Ordinal)))
            .Select(file => Path.GetRelativePath(source, file));
        Assert.AreEqual("", string.Join('\n', wrong));
    }

    private string Old()
    {
        string path = _temporary.New("file");
        File.WriteAllText(path, "old");
        return path;
    }
}
