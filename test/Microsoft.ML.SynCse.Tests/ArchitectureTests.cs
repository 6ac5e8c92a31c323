using System.Reflection;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The layers, and the rules for files that no compiler keeps.</summary>
[TestClass]
public sealed class ArchitectureTests
{
    private const int MostLines = 400, MostColumns = 140;

    private static readonly Assembly _core = typeof(TextEncoder).Assembly, _synthesis = typeof(TripletSynthesizer).Assembly,
        _product = typeof(SentenceEncoder).Assembly, _onnx = typeof(OnnxSentenceEncoder).Assembly;

    // What each layer may need; anything more needs a reason.
    private static readonly string[] _coreNeeds =
    [
        "Microsoft.ML.Core", "Microsoft.ML.Data", "Microsoft.ML.DataView", "Microsoft.ML.Tokenizers", "Microsoft.Extensions.AI",
            "Microsoft.Extensions.AI.Abstractions",
        "Microsoft.Extensions.Caching.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing",
        "CsvHelper", "Google.Protobuf", "System.Numerics.Tensors",
    ];

    private static readonly string[] _synthesisNeeds =
    [
        "Microsoft.ML.SynCse.Core", "Microsoft.ML.Core", "Microsoft.ML.Data", "Microsoft.ML.DataView",
            "Microsoft.Extensions.AI.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "Polly.Core",
            "System.ClientModel", "System.Memory.Data",
        "CsvHelper", "Lingua",
    ];

    private static readonly string[] _productNeeds =
    [
        "Microsoft.ML.SynCse.Core", "Microsoft.ML.SynCse.Synthesis", "Microsoft.ML.Core", "Microsoft.ML.Data", "Microsoft.ML.DataView",
        "Microsoft.Extensions.AI", "Microsoft.Extensions.AI.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing", "TorchSharp", "Google.Protobuf",
    ];

    private static readonly string[] _onnxNeeds =
    [
        "Microsoft.ML.SynCse.Core", "Microsoft.ML.Core", "Microsoft.ML.Data", "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.ML.OnnxRuntime",
    ];

    [TestMethod]
    public void An_assembly_refers_only_to_what_its_layer_may_need()
    {
        Assert.AreEqual("", string.Join(", ", References(_core).Except(_coreNeeds)), "Microsoft.ML.SynCse.Core");
        Assert.AreEqual("", string.Join(", ", References(_synthesis).Except(_synthesisNeeds)), "Microsoft.ML.SynCse.Synthesis");
        Assert.AreEqual("", string.Join(", ", References(_product).Except(_productNeeds)), "Microsoft.ML.SynCse");
        Assert.AreEqual("", string.Join(", ", References(_onnx).Except(_onnxNeeds)), "Microsoft.ML.SynCse.Onnx");
    }

    [TestMethod]
    public void Public_types_live_in_one_namespace_and_internal_types_in_that_of_their_folder()
    {
        foreach (var assembly in new[] { _core, _synthesis, _product, _onnx })
        {
            string root = Path.Combine(SharedFolder.RepositoryRoot, "src", assembly.GetName().Name!);
            var folders = Sources(root).Select(f => Path.GetRelativePath(root, Path.GetDirectoryName(f)!)).Distinct()
                .Select(f => f == "." ? assembly.GetName().Name!
                    : $"{assembly.GetName().Name}.{f.Replace(Path.DirectorySeparatorChar, '.')}").ToHashSet();
            var types = assembly.GetTypes()
                .Where(t => !t.IsNested && t.Namespace is not null && !t.Name.StartsWith('<')
                && t.Namespace != "System.Runtime.CompilerServices"
                // made from onnx.proto
                && t.Namespace != "Onnx"
                && !t.Namespace.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
                    && !t.Namespace.StartsWith("System.", StringComparison.Ordinal)).ToArray();
            string[] open = ["Microsoft.ML.SynCse", "Microsoft.ML", "Microsoft.Extensions.AI", "Microsoft.Extensions.DependencyInjection"];
            Assert.AreEqual("", string.Join(", ", types.Where(t => t.IsPublic && !open.Contains(t.Namespace)).Select(t => t.FullName)),
                "public");
            Assert.AreEqual("",
                string.Join(", ",
                types.Where(t => !t.IsPublic && !folders.Contains(t.Namespace!) && t.Namespace != "Microsoft.ML.SynCse")
                .Select(t => t.FullName)), "internal");
        }
    }

    [TestMethod]
    public void The_catalogs_are_found_with_a_using_of_ML_NET_alone()
    {
        var catalogs = new[] { _core, _synthesis, _product, _onnx }.SelectMany(a => a.GetExportedTypes())
            .Where(t => t.Name.EndsWith("Catalog", StringComparison.Ordinal));
        Assert.AreEqual(
            "Microsoft.ML.SynCseCatalog, Microsoft.ML.SynCseCoreCatalog, Microsoft.ML.SynCseOnnxCatalog, "
                + "Microsoft.ML.SynCseSynthesisCatalog",
            string.Join(", ", catalogs.Select(t => t.FullName).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void Internals_of_ML_NET_are_touched_in_the_folder_MLNet_alone()
    {
        var wrong = Library().Where(f => !f.Split(Path.DirectorySeparatorChar).Contains("MLNet"))
            .Where(f => Regex.IsMatch(
                Code(File.ReadAllText(f)),
                @"using Microsoft\.ML\.Runtime|IHostEnvironment|ModelSaveContext|ModelLoadContext|CatalogUtils"));
        Assert.AreEqual("", string.Join('\n', wrong));
    }

    [TestMethod]
    public void Only_the_bridge_waits_for_a_task()
    {
        var wrong = Library()
            .Where(f => Regex.IsMatch(Code(File.ReadAllText(f)), @"GetResult\(\)|Task\.Wait(All|Any)|\.Wait\(\)|\.Result\b"))
            .Select(Path.GetFileName);
        Assert.AreEqual("BlockingBridge.cs", string.Join(", ", wrong));
    }

    [TestMethod]
    public void No_file_is_longer_than_400_lines()
        => Assert.AreEqual(
            "", string.Join('\n', Everything().Select(f => (File: f, Lines: File.ReadLines(f).Count())).Where(f => f.Lines > MostLines)));

    [TestMethod]
    public void No_line_is_longer_than_140_columns()
        => Assert.AreEqual("", string.Join('\n', Everything()
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (Text: $"{f}:{i + 1}", line.Length)))
                .Where(l => l.Length > MostColumns)));

    private static IEnumerable<string> References(Assembly assembly)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => !File.Exists(Path.Combine(framework, name + ".dll")));
    }

    private static IEnumerable<string> Library()
        => new[] { _core, _synthesis, _product, _onnx }.SelectMany(
            a => Sources(Path.Combine(SharedFolder.RepositoryRoot, "src", a.GetName().Name!)));

    private static IEnumerable<string> Everything()
        => new[] { "src", "test", "bench" }.SelectMany(folder => Sources(Path.Combine(SharedFolder.RepositoryRoot, folder)));

    private static IEnumerable<string> Sources(string root) => Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
        .Where(f => !Path.GetRelativePath(root, f).Split(Path.DirectorySeparatorChar)
            .Any(part => part is "obj" or "bin" or "buildTransitive"));

    private static string Code(string text) => Regex.Replace(text, @"//[^\n]*|""(?:[^""\\\n]|\\.)*""", "");
}
