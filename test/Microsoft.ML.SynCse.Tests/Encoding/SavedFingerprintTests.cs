using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Saving changes a tokenizer's files for other readers where it must; the encoder is known by what it was before.</summary>
[TestClass]
public sealed class SavedFingerprintTests
{
    private const string Config = "tokenizer_config.json", Json = "tokenizer.json", Source = "syncse_tokenizer_source.json";

    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void It_is_that_of_the_folder_which_was_read(bool pieces)
    {
        string folder = Folder(pieces);
        var (source, first, second) = (IdOf(folder), Saved(folder, "first"), "");
        Assert.AreEqual("PreTrainedTokenizerFast", (string?)Read(first, Config)["tokenizer_class"]);
        Assert.AreEqual(source, IdOf(first));
        second = Saved(first, "second");
        Assert.AreEqual(source, IdOf(second));
        foreach (string file in Directory.GetFiles(first, "*.*", SearchOption.AllDirectories))
            CollectionAssert.AreEqual(File.ReadAllBytes(file), File.ReadAllBytes(file.Replace(first, second)), file);
        // Git hands out text files with CR LF on Windows.
        foreach (string? name in new[] { Config, Json, Source })
            File.WriteAllText(Path.Combine(second, name), File.ReadAllText(Path.Combine(second, name)).ReplaceLineEndings("\r\n"));
        Assert.AreEqual(source, IdOf(second));
    }

    // What it was before anything was changed: checkpoints and vector stores of earlier versions hold it.
    [TestMethod]
    public void It_is_made_of_the_files_as_they_were_read()
    {
        string folder = Folder(pieces: true);
        using var encoder = SentenceEncoder.Load(folder);
        encoder.Save(Path.Combine(_temporary.New("saved")));
        var tokenizer = SentenceTokenizer.Load(new FolderFileSource(folder), new TokenizerHints("bert"));
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(folder, Config)), tokenizer.FilesOfSource(40)[Config]);
        Assert.AreEqual("PreTrainedTokenizerFast", (string?)JsonNode.Parse(tokenizer.FilesToSave(40)[Config])!["tokenizer_class"]);
    }

    [TestMethod]
    [DataRow(Config, "\"model_max_length\": 40", "\"model_max_length\": 30")]
    [DataRow(Config, "PreTrainedTokenizerFast", "BertTokenizer")]
    [DataRow(Json, "\"lowercase\":false", "\"lowercase\":true")]
    public void What_was_changed_after_it_was_saved_is_another(string name, string before, string after)
    {
        string folder = Folder(pieces: false);
        string saved = Saved(folder, "saved");
        string? id = IdOf(saved);
        string text = File.ReadAllText(Path.Combine(saved, name));
        Assert.Contains(before, text);
        File.WriteAllText(Path.Combine(saved, name), text.Replace(before, after));
        Assert.AreNotEqual(id, IdOf(saved));
        // And it is saved as it is.
        string again = Saved(saved, "again");
        if (name == Json) Assert.Contains(after, File.ReadAllText(Path.Combine(again, name)));
        Assert.AreEqual(IdOf(saved), IdOf(again));
    }

    [TestMethod]
    [DataRow("{", "is not valid JSON")]
    [DataRow("{}", "lacks 'tokenizer_config.json'")]
    [DataRow("""{"tokenizer_config.json": "{}", "tokenizer.json": {"normalizer": 1}}""", "must be a string")]
    public void A_note_that_is_damaged_is_named(string note, string what)
    {
        string saved = Saved(Folder(pieces: true), "saved");
        File.WriteAllText(Path.Combine(saved, Source), note);
        using var encoder = SentenceEncoder.Load(saved);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => encoder.Save(_temporary.New("again")));
        StringAssert.Contains(error.Message, Source);
        StringAssert.Contains(error.Message, what);
    }

    // The tokenizer of a BERT: pieces that its class would cut otherwise, or words that its settings make another of than tokenizer.json.
    private string Folder(bool pieces)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        File.Delete(Path.Combine(folder, "vocab.txt"));
        JsonObject root;
        if (pieces)
        {
            root = TinyTokenizer.XlmRoberta();
            root["pre_tokenizer"] = root["pre_tokenizer"]!["pretokenizers"]![1]!.DeepClone();
        }
        else
        {
            root = TinyTokenizer.Bert();
            root["pre_tokenizer"] = new JsonObject { ["type"] = "Whitespace" };
        }
        File.WriteAllText(Path.Combine(folder, Json), root.ToJsonString(new() { WriteIndented = true, NewLine = "\n" }));
        File.WriteAllText(Path.Combine(folder, Config), pieces
            ? "{ \"tokenizer_class\":\"XLMRobertaTokenizer\",\n\n\"model_max_length\": 40, \"note\": \"é \\u00e9\" }"
            : "{ \"do_lower_case\": false,\n\"tokenizer_class\":\"BertTokenizer\", \"model_max_length\": 40 }");
        return folder;
    }

    private string Saved(string folder, string name)
    {
        using var encoder = SentenceEncoder.Load(folder);
        string target = _temporary.New(name);
        encoder.Save(target);
        return target;
    }

    private static JsonObject Read(string folder, string name)
        => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, name), Encoding.UTF8))!.AsObject();

    private static string? IdOf(string folder)
    {
        using var encoder = SentenceEncoder.Load(folder);
        return ((EmbeddingGeneratorMetadata)((IEmbeddingGenerator)encoder).GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelId;
    }
}
