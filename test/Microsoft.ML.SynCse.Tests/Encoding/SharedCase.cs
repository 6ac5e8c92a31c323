using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The cases of shared/cases that are a folder's files: laid over the small BERT of shared/golden.</summary>
internal static class SharedCase
{
    private static readonly string[] _notOfTheFolder = ["EXPECTED.md", "long.json"];

    /// <summary>A folder with the case's files in place of the base folder's.</summary>
    public static string Folder(TemporaryFolder temporary, string name)
    {
        string folder = temporary.New(name);
        Directory.CreateDirectory(folder);
        string root = SharedFolder.Path("golden/architectures/bert"), files = SharedFolder.Path($"cases/{name}");
        foreach (string file in Directory.GetFiles(root)) Copy(file, folder);
        bool hasModules = File.Exists(Path.Combine(files, "modules.json"));
        foreach (string file in Directory.GetFiles(files))
        {
            string shortName = Path.GetFileName(file);
            if (_notOfTheFolder.Contains(shortName)) continue;
            // The base folder keeps its own config.json: that of a case with modules is its last module's.
            Copy(file, hasModules && shortName == "config.json"
                ? Directory.CreateDirectory(Path.Combine(folder, Module(name))).FullName : folder);
        }
        if (hasModules && Module(name) != Pooling) File.WriteAllText(
            Path.Combine(Directory.CreateDirectory(Path.Combine(folder, Pooling)).FullName, "config.json"),
            """{"word_embedding_dimension": 48, "pooling_mode_mean_tokens": true}""");
        return folder;
    }

    /// <summary>The case's text.</summary>
    public static string Text(string name)
        => JsonSerializer.Deserialize<string>(File.ReadAllText(SharedFolder.Path($"cases/{name}/long.json")))!;

    private const string Pooling = "1_Pooling";

    private static string Module(string name) => name.Contains("normalize", StringComparison.Ordinal) ? "2_Normalize" : Pooling;

    private static void Copy(string file, string folder)
    {
        string target = Path.Combine(folder, Path.GetFileName(file));
        File.Delete(target);
        File.WriteAllBytes(target, File.ReadAllBytes(file));
    }
}
