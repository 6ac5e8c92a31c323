using System.Security.AccessControl;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class PrivateFileTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public void Nobody_else_may_read_it()
    {
        string path = _temporary.New("private");
        PrivateFile.Create(path);
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            return;
        }
        var rules = new FileInfo(path).GetAccessControl().GetAccessRules(includeExplicit: true, includeInherited: true,
            typeof(System.Security.Principal.SecurityIdentifier));
        Assert.HasCount(1, rules.Cast<FileSystemAccessRule>());
    }

    [TestMethod]
    public void Content_that_is_there_stays()
    {
        string path = _temporary.New("private");
        File.WriteAllText(path, "x");
        PrivateFile.Create(path);
        PrivateFile.Protect(path);
        PrivateFile.Protect(path + ".none");
        Assert.AreEqual("x", File.ReadAllText(path));
    }

    // Windows cannot be asked here; its language for access lists can be read. D: the list; P: nothing is inherited; one entry, which
    // allows (A) all (FA) to the user.
    [TestMethod]
    public void On_Windows_the_list_has_the_user_alone()
        => Assert.AreEqual("D:P(A;;FA;;;S-1-5-21-1-2-3-1001)", PrivateFile.AccessListOf("S-1-5-21-1-2-3-1001"));

    [TestMethod]
    public void Whoever_sets_a_mode_does_it_here()
    {
        string source = Path.Combine(SharedFolder.RepositoryRoot, "src");
        var files = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("UnixFileMode", StringComparison.Ordinal)).Select(Path.GetFileName);
        // What MemoryImage writes is Linux's alone, and a library, not what users wrote.
        CollectionAssert.AreEquivalent(new[] { "PrivateFile.cs", "MemoryImage.cs" }, files.ToArray());
    }
}
