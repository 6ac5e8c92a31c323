using Onnx;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>ONNX files that cannot be used are one clear error each.</summary>
[TestClass]
public sealed class OnnxFaultTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void Clean() => _temporary.Dispose();

    [TestMethod]
    public void A_folder_without_a_file_says_how_to_get_one()
    {
        string folder = Saved();
        File.Delete(File_(folder));
        Refused(folder, "There is no 'onnx/model.onnx'", "SaveOptions.Onnx");
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => OnnxSentenceEncoder.Load(_temporary.New("nothing")));
    }

    [TestMethod]
    public void A_truncated_file_is_named()
    {
        string folder = Saved();
        byte[] bytes = File.ReadAllBytes(File_(folder));
        foreach (double share in new[] { 0, 0.3, 0.99 })
        {
            File.WriteAllBytes(File_(folder), bytes[..(int)(bytes.Length * share)]);
            Refused(folder, "'onnx/model.onnx' in");
        }
    }

    [TestMethod]
    public void A_file_that_claims_three_gigabytes_is_named()
    {
        string folder = Saved();
        // Field 7 (graph), then a length of 3 GB.
        File.WriteAllBytes(File_(folder), [0x3A, 0x80, 0x80, 0x80, 0x80, 0x0C, 1, 2, 3]);
        Refused(folder, "'onnx/model.onnx' in");
        OnnxFile.Change(Restored(folder), model => model.Graph.Initializer.First(i => i.Dims.Count == 2).Dims[0] = 200_000_000);
        Refused(folder, "'onnx/model.onnx' in");
    }

    [TestMethod]
    public void Inputs_of_other_names_are_listed()
    {
        string folder = Saved();
        OnnxFile.Change(File_(folder), model => Rename(model, "input_ids", "tokens"));
        Refused(folder, "has no input input_ids", "tokens");
        OnnxFile.Change(Restored(folder), model =>
        {
            var extra = model.Graph.Input[0].Clone();
            extra.Name = "pixel_values";
            model.Graph.Input.Add(extra);
        });
        Refused(folder, "needs the input pixel_values");
    }

    [TestMethod]
    public void Outputs_of_other_names_are_listed()
    {
        string folder = Saved();
        OnnxFile.Change(File_(folder), model =>
        {
            Rename(model, "sentence_embedding", "logits");
            Rename(model, "token_embeddings", "hidden");
        });
        Refused(folder, "has neither the output sentence_embedding", "logits");
    }

    [TestMethod]
    public void An_operator_of_others_is_named()
    {
        string folder = Saved();
        OnnxFile.Change(File_(folder), model =>
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "acme.ops", Version = 1 });
            (model.Graph.Node[^1].Domain, model.Graph.Node[^1].OpType) = ("acme.ops", "Frobnicate");
        });
        Refused(folder, "cannot be opened by ONNX Runtime", "Frobnicate");
    }

    [TestMethod]
    public void Weights_outside_the_folder_are_refused()
    {
        string folder = Saved(new() { LargestFile = 1000 });
        string outside = Path.Combine(Path.GetDirectoryName(folder)!, "outside.bin");
        File.Copy(File_(folder) + "_data", outside, overwrite: true);
        foreach (string location in new[] { $"../../{Path.GetFileName(outside)}", outside })
        {
            OnnxFile.Change(File_(folder), model =>
            {
                foreach (var tensor in model.Graph.Initializer.Where(i => i.DataLocation == TensorProto.Types.DataLocation.External))
                    tensor.ExternalData.Single(entry => entry.Key == "location").Value = location;
            });
            Refused(folder, "'onnx/model.onnx' in");
        }
    }

    [TestMethod]
    public void A_file_of_another_tokenizer_is_refused()
    {
        string folder = Saved();
        string vocabulary = Path.Combine(folder, "vocab.txt");
        string json = Path.Combine(folder, "tokenizer.json");
        // Two words change places, as in a model with another vocabulary of the same size.
        foreach (string file in new[] { vocabulary, json }.Where(File.Exists))
        {
            string text = File.ReadAllText(file);
            File.WriteAllText(file, Swap(text, file == json ? "\"x\"" : "\nx\n", file == json ? "\"q\"" : "\nq\n"));
        }
        Refused(folder, "was exported with another tokenizer");
    }

    [TestMethod]
    public void A_file_of_another_model_is_refused()
    {
        string folder = Saved();
        OnnxFile.Change(File_(folder), model => model.MetadataProps.Clear());
        string config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"hidden_size\": 16", "\"hidden_size\": 24"));
        Refused(folder, "gives vectors of 16 numbers for each token, and config.json beside it says 24");
    }

    [TestMethod]
    public void Weights_in_a_file_of_their_own_do_not_go_into_a_zip()
    {
        using var onnx = OnnxSentenceEncoder.Load(Saved(new() { LargestFile = 1000 }));
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable([new TextRow { Text = "a cat" }]);
        var model = ml.Transforms.ApplySentenceEncoder("Features", "Text", onnx).Fit(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<NotSupportedException>(() => ml.Model.Save(model, data.Schema, _temporary.New("model") + ".zip")).Message,
            "has its weights in a file of its own");
    }

    [TestMethod]
    public void Options_out_of_their_range_are_named()
    {
        string folder = Saved();
        foreach (var options in new OnnxEncoderOptions[] { new() { Threads = 0 }, new() { MaxTokensPerBatch = 0 },
            new() { MaxSequenceLength = 2 } })
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OnnxSentenceEncoder.Load(folder, options)).Message,
                    "OnnxEncoderOptions.");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => OnnxSentenceEncoder.Load(folder, new() { File = "../model.onnx" })).Message,
            "OnnxEncoderOptions.File");
    }

    [TestMethod]
    public void A_path_that_cannot_be_written_is_named_and_nothing_is_left()
    {
        using var encoder = TinyEncoder.Load();
        string folder = _temporary.New("not-a-folder");
        File.WriteAllText(folder, "a file");
        StringAssert.Contains(
            Assert.Throws<IOException>(() => encoder.ExportOnnx(Path.Combine(folder, "model.onnx"))).Message, "model.onnx");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => encoder.ExportOnnx(_temporary.New("model"), new() { Quantization = (OnnxQuantization)9 }));
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }

    private static string Swap(string text, string one, string other)
        => text.Replace(one, "\0").Replace(other, one).Replace("\0", other);

    private static string File_(string folder) => Path.Combine(folder, "onnx", "model.onnx");

    private string Restored(string folder)
    {
        using var encoder = TinyEncoder.Load();
        encoder.ExportOnnx(File_(folder));
        return File_(folder);
    }

    private string Saved(OnnxExportOptions? options = null)
    {
        using var encoder = TinyEncoder.Load();
        string folder = _temporary.New("saved");
        encoder.Save(folder, new SaveOptions { Onnx = options ?? new() });
        return folder;
    }

    private static void Refused(string folder, params string[] parts)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => OnnxSentenceEncoder.Load(folder)).Message;
        foreach (string part in parts) StringAssert.Contains(message, part);
        Assert.DoesNotContain('\n', message);
    }

    private static void Rename(ModelProto model, string from, string to)
    {
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output).Where(v => v.Name == from)) value.Name = to;
        foreach (var node in model.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
                if (node.Input[i] == from) node.Input[i] = to;
            for (int i = 0; i < node.Output.Count; i++)
                if (node.Output[i] == from) node.Output[i] = to;
        }
    }
}
