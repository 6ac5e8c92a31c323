using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Folders and names that come from the Hugging Face Hub.</summary>
[TestClass]
public sealed class FoldersFromElsewhereTests
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\n"
        + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("model.safetensors")]
    [DataRow("vocab.txt")]
    [DataRow("tokenizer.json")]
    [DataRow("tokenizer_config.json")]
    [DataRow("config.json")]
    [DataRow("1_Pooling/config.json")]
    [DataRow("sentencepiece.bpe.model")]
    public void A_pointer_of_Git_LFS_is_called_what_it_is(string file)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        File.WriteAllText(Path.Combine(folder, file), Pointer);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder));
        StringAssert.Contains(error.Message, $"'{file}' in '{folder}' is a Git LFS pointer");
        StringAssert.Contains(error.Message, "git lfs pull");
    }

    [TestMethod]
    public void A_pointer_in_the_place_of_a_zip_is_called_what_it_is()
    {
        string zip = _temporary.New("model.zip");
        File.WriteAllText(zip, Pointer);
        Action[] loads = [() => SentenceEncoder.Load(zip), () => new MLContext().Model.LoadWithDiagnostics(zip, out _)];
        foreach (var load in loads)
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(load).Message, "model.zip' is a Git LFS pointer");
    }

    [TestMethod]
    [DataRow("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2")]
    [DataRow("BAAI/bge-small-en-v1.5", "bge-small-en-v1.5")]
    [DataRow("roberta-base", "roberta-base")]
    public void A_name_of_the_Hub_is_told_from_a_folder(string name, string folder)
    {
        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => SentenceEncoder.Load(name));
        StringAssert.Contains(error.Message, $"'{name}' looks like the name of a model on the Hugging Face Hub");
        StringAssert.Contains(error.Message, $"'hf download {name} --local-dir {folder}'");
    }

    [TestMethod]
    [DataRow("./all-MiniLM-L6-v2")]
    [DataRow("../models/one")]
    [DataRow("models/encoders/one")]
    [DataRow("model.zip")]
    [DataRow("models/model.ZIP")]
    [DataRow("my models/one")]
    [DataRow("models\\one")]
    public void A_path_is_not_taken_for_a_name_of_the_Hub(string path)
    {
        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => SentenceEncoder.Load(path));
        Assert.IsFalse(error.Message.Contains("Hub", StringComparison.Ordinal), error.Message);
    }

    [TestMethod]
    public void CamemBERT_is_a_RoBERTa()
    {
        string folder = TinyEncoder.WriteFolder(_temporary);
        // The pads of vocab.txt are BERT's, and this model_type's older files would be another tokenizer's.
        using (var bert = SentenceEncoder.Load(folder)) bert.Save(folder = _temporary.New("saved"));
        float[][] vectors = new[] { "roberta", "camembert" }.Select(modelType =>
        {
            var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
            config["model_type"] = modelType;
            File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
            using var encoder = SentenceEncoder.Load(folder);
            return encoder.Encode(["the cat is not late"])[0];
        }).ToArray();
        CollectionAssert.AreEqual(vectors[0], vectors[1]);
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void An_unused_id_is_no_fault()
    {
        string folder = _temporary.New("hole");
        Directory.CreateDirectory(folder);
        string golden = SharedFolder.Path("golden/architectures/bert");
        foreach (string? name in new[] { "config.json", "model.safetensors", "tokenizer_config.json" })
            File.Copy(Path.Combine(golden, name), Path.Combine(folder, name));
        File.Copy(SharedFolder.Path("cases/k11-vocabulary-hole/tokenizer.json"), Path.Combine(folder, "tokenizer.json"));
        using var encoder = SentenceEncoder.Load(folder);
        // Ids of the Rust library.
        Assert.AreEqual("2 41 1379 448 310 670 869 178 352 18 3", string.Join(' ', encoder.Tokenize("A short test sentence.")));
        encoder.Save(folder = _temporary.New("saved"));
        using var again = SentenceEncoder.Load(folder);
        CollectionAssert.AreEqual(encoder.Tokenize("A short test sentence.").ToArray(), again.Tokenize("A short test sentence.").ToArray());
    }
}
