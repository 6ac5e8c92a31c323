using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class AtomicFileTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        string path = _temporary.New("file");
        AtomicFile.Write(path, stream => stream.Write("old"u8));
        Assert.ThrowsExactly<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("new and lon"u8);
            throw new InvalidOperationException("in the middle");
        }));
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_temporary.Root));
    }

    [TestMethod]
    public void An_io_error_names_the_file_and_what_to_do()
    {
        string path = Path.Combine(_temporary.Root, "missing", "file");
        var error = Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, stream => stream.WriteByte(1)));
        Assert.Contains(path, error.Message);
        Assert.Contains("Check that the folder exists", error.Message);
    }

    [TestMethod]
    public void A_failed_folder_leaves_nothing()
    {
        string path = _temporary.New("folder");
        Assert.ThrowsExactly<IOException>(() => AtomicFolder.Write(path, sink =>
        {
            sink.Write("a/b.txt", stream => stream.WriteByte(1));
            throw new IOException("disk full");
        }));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_temporary.Root));
    }

    [TestMethod]
    public void A_name_outside_the_folder_is_not_read()
    {
        string folder = _temporary.New("folder");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(_temporary.Root, "secret"), "x");
        Assert.ThrowsExactly<InvalidDataException>(() => new FolderFileSource(folder).TryRead("../secret", _ => { }));
    }
}
