using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Keeps the flow of data one way (README of the design, "The way of the data") and the package's needs as declared.</summary>
[TestClass]
public sealed class ArchitectureTests
{
    private static readonly string Source = Path.Combine(SharedFolder.RepositoryRoot, "src", "Microsoft.ML.SynCse");

    // A folder may name the types of these folders; the root's types are everybody's.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [""] = ["Transforms", "Synthesis", "Encoding", "Evaluation", "Training", "Interop"],
        ["Native"] = [],
        ["Files"] = [],
        ["Interop"] = ["Files", "Native"],
        ["Encoding"] = ["Interop", "Files", "Native"],
        ["Evaluation"] = [],
        ["Synthesis"] = ["Files"],
        ["Training"] = ["Encoding", "Evaluation", "Files", "Interop", "Native"],                            // a checkpoint is a file of weights
        ["Transforms"] = ["Interop", "Synthesis", "Encoding", "Evaluation", "Training", "Files", "Native", ""],
    };

    [TestMethod]
    public void Folders_name_only_what_lies_below_them()
    {
        var files = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(f => FolderOf(f) is not ("obj" or "bin" or "buildTransitive"))
            .Select(f => (Folder: FolderOf(f), Type: Path.GetFileNameWithoutExtension(f), Text: Code(File.ReadAllText(f)))).ToArray();
        var wrong = from file in files
                    from other in files
                    where other.Folder != file.Folder && other.Folder != "" && !Allowed[file.Folder].Contains(other.Folder)
                        && Regex.IsMatch(file.Text, $@"(?<![\w.""])(?:[\w.]*\bSynCse\.)?{other.Type}\b(?!\s*[:=])")
                    select $"{file.Folder}/{file.Type} names {other.Folder}/{other.Type}";
        Assert.AreEqual("", string.Join('\n', wrong.Distinct()));
    }

    [TestMethod]
    public void Internals_of_ML_NET_are_touched_in_Transforms_alone()
    {
        var wrong = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(f => FolderOf(f) is not ("Transforms" or "obj" or "bin" or "buildTransitive"))
            .Where(f => Regex.IsMatch(Code(File.ReadAllText(f)), @"using Microsoft\.ML\.Runtime|IHostEnvironment|ModelSaveContext|ModelLoadContext|CatalogUtils"));
        Assert.AreEqual("", string.Join('\n', wrong));
    }

    [TestMethod]
    public void Only_the_bridge_waits_for_a_task()
    {
        var wrong = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(f => FolderOf(f) is not ("obj" or "bin" or "buildTransitive"))
            .Where(f => Regex.IsMatch(Code(File.ReadAllText(f)), @"GetResult\(\)|Task\.Wait(All|Any)|\.Wait\(\)|\.Result\b")).Select(Path.GetFileName);
        Assert.AreEqual("BlockingBridge.cs", string.Join(", ", wrong));
    }

    [TestMethod]
    public void The_library_needs_only_what_its_package_declares()
    {
        string[] declared = ["Microsoft.ML.Core", "Microsoft.ML.Data", "Microsoft.ML.DataView", "Microsoft.ML.Tokenizers", "TorchSharp",
            "Microsoft.Extensions.AI", "Microsoft.Extensions.AI.Abstractions",
            "Microsoft.Extensions.Caching.Abstractions", "Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing",
            "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "Polly.Core", "System.ClientModel", "System.Memory.Data", "CsvHelper", "Google.Protobuf",
            "Lingua"];
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var others = typeof(SentenceEncoder).Assembly.GetReferencedAssemblies().Select(a => a.Name!)
            .Where(name => !declared.Contains(name) && !File.Exists(Path.Combine(framework, name + ".dll")));
        Assert.AreEqual("", string.Join(", ", others));
    }

    [TestMethod]
    public void One_file_holds_one_type_and_stays_under_400_lines()
    {
        var files = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(f => FolderOf(f) is not ("obj" or "bin" or "buildTransitive")).ToArray();
        var types = typeof(SentenceEncoder).Assembly.GetTypes().Where(t => !t.IsNested && t.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null)
            .Where(t => t.Namespace is "Microsoft.ML.SynCse" or "Microsoft.ML").Select(t => t.Name.Split('`')[0]).Distinct();
        var names = files.Select(f => Path.GetFileNameWithoutExtension(f)!).ToHashSet();
        Assert.AreEqual("", string.Join(", ", types.Where(t => !names.Contains(t))));
        Assert.AreEqual("", string.Join(", ", files.Where(f => File.ReadLines(f).Count() > 400)));
    }

    private static string FolderOf(string file)
    {
        var relative = Path.GetRelativePath(Source, file);
        int slash = relative.IndexOf(Path.DirectorySeparatorChar);
        return slash < 0 ? "" : relative[..slash];
    }

    private static string Code(string text) => Regex.Replace(text, @"//[^\n]*|""(?:[^""\\\n]|\\.)*""", "");
}
