using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
[SupportedOSPlatform("linux")]
public sealed class FileSizeLimitTests
{
    private const int FileSize = 1;
    private const nuint Room = 256 << 10;

    [TestMethod]
    public void Reaching_the_limit_while_a_model_is_saved_is_one_error_and_nothing_is_left()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("sets the limit as Linux does");
        using var folder = new TemporaryFolder();
        using var encoder = SentenceEncoder.LoadDefault();
        var ml = new MLContext { TempFilePath = folder.Root };
        var model = Model(ml, encoder);
        foreach (var save in new Action<string>[] { path => ml.Model.SaveAtomically(model, null, path), encoder.Save })
        {
            string path = folder.New("saved");
            var error = Assert.ThrowsExactly<IOException>(() => WithLimit(Room, () => save(path)));
            StringAssert.Contains(error.Message, path);
            StringAssert.Contains(error.Message, "ulimit -f");
            Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Root));
        }
    }

    [TestMethod]
    public void The_models_own_Save_says_so_too()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("sets the limit as Linux does");
        using var folder = new TemporaryFolder();
        using var encoder = SentenceEncoder.LoadDefault();
        var ml = new MLContext { TempFilePath = folder.Root };
        var model = Model(ml, encoder);
        var error = Assert.ThrowsExactly<IOException>(() => WithLimit(Room, () => ml.Model.Save(model, null, folder.New("saved"))));
        StringAssert.Contains(error.Message, "ulimit -f");
    }

    private static ITransformer Model(MLContext ml, SentenceEncoder encoder)
        => ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(ml.Data.LoadFromEnumerable(SentenceRow.Many(2)));

    private static void WithLimit(nuint bytes, Action action)
    {
        Assert.AreEqual(0, getrlimit(FileSize, out var before));
        var limit = before with { Soft = bytes };
        Assert.AreEqual(0, setrlimit(FileSize, in limit));
        try
        {
            action();
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

    private record struct Limit(nuint Soft, nuint Hard);
}
