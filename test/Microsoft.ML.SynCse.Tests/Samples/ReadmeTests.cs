using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What README prints is what works.</summary>
[TestClass]
public sealed partial class ReadmeTests
{
    private static readonly string _text = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "README.md"));

    [TestMethod]
    public async Task The_complete_program_compiles_and_runs()
    {
        using var project = new ReadmeProject(Program().Matches(_text)[0].Groups[1].Value);
        string output = await project.DotnetAsync("run");
        StringAssert.Contains(output, "step 0: score on held-out rows");
        StringAssert.Contains(output, "My parcel has not come.");
        Assert.IsTrue(File.Exists(Path.Combine(project.Folder, "model.zip")));
    }

    [TestMethod]
    public async Task The_program_of_synthesis_and_its_pipelines_compile()
    {
        var blocks = Program().Matches(_text);
        Assert.HasCount(4, blocks);
        // The third goes on from the second.
        using var project = new ReadmeProject($$"""
            using Microsoft.ML;
            {{blocks[1].Groups[1].Value}}
            var mlContext = new MLContext();
            IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new { _text = "A sentence." } });
            IProgress<SynCseProgress>? progress = null;
            CancellationToken cancellationToken = default;
            {{blocks[2].Groups[1].Value}}
            """, "Microsoft.Extensions.AI.OpenAI");
        StringAssert.Contains(await project.DotnetAsync("build"), "Build succeeded");
    }

    [TestMethod]
    public async Task The_lines_about_ONNX_compile()
    {
        using var project = new ReadmeProject($$"""
            using Microsoft.ML;
            using Microsoft.ML.SynCse;
            using var encoder = SentenceEncoder.LoadDefault();
            var mlContext = new MLContext();
            ITransformer model = mlContext.Model.Load("model.zip", out _);
            {{Program().Matches(_text)[3].Groups[1].Value}}
            """, "Microsoft.ML.SynCse.Onnx");
        StringAssert.Contains(await project.DotnetAsync("build"), "Build succeeded");
    }

    [TestMethod]
    public void Every_file_that_it_names_is_there()
    {
        foreach (Match match in RepositoryFile().Matches(_text))
            Assert.IsTrue(Path.Exists(Path.Combine(SharedFolder.RepositoryRoot, match.Groups[1].Value)), match.Value);
    }

    [GeneratedRegex("```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();

    [GeneratedRegex("`((?:src|build|test|bench)/[^` ]+|\\.ci/run)`")]
    private static partial Regex RepositoryFile();
}
