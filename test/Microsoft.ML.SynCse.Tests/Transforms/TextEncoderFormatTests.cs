using System.Reflection;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The model file of a step over any encoder: it says which kind of encoder it needs, and brings the encoder's files.</summary>
[TestClass]
public sealed class TextEncoderFormatTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly SentenceEncoder _encoder = TinyEncoder.Load(normalize: true, options: new() { MaxTokensPerBatch = 77 });

    [TestCleanup]
    public void Clean()
    {
        _encoder.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void A_saved_step_gives_the_same_vectors_and_owns_its_encoder()
    {
        string path = Save();
        float[][] expected = _encoder.Encode(["a cat is nice", ""]);
        var loaded = (TextEncoderTransformer)_ml.Model.Load(path, out _);
        CollectionAssert.AreEqual(expected[0], loaded.Encoder.Encode(["a cat is nice", ""])[0]);
        CollectionAssert.AreEqual(expected[1], loaded.Encoder.Encode(["a cat is nice", ""])[1]);
        Assert.AreEqual(77, ((SentenceEncoder)loaded.Encoder).Options.MaxTokensPerBatch, "the last digits depend on it");
        Assert.AreEqual(EmbeddingIdentity.Of(_encoder), EmbeddingIdentity.Of(loaded.Encoder));
        loaded.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => loaded.Encoder.Encode(["a cat"]));
        using var again = SentenceEncoder.Load(path);
        Assert.IsLessThan(1e-5, Golden.WorstDifference(expected, again.Encode(["a cat is nice", ""])), "read as an encoder");
    }

    [TestMethod]
    public void A_loaded_step_is_saved_again_byte_for_byte_in_its_entries()
    {
        string first = Save(), second = _folder.New("second.zip");
        using var loaded = (TextEncoderTransformer)_ml.Model.Load(first, out var schema);
        _ml.Model.Save(loaded, schema, second);
        foreach (string entry in SavedModel.Entries(first).Where(e => e.StartsWith("TransformerChain", StringComparison.Ordinal)))
            CollectionAssert.AreEqual(SavedModel.Content(first, entry), SavedModel.Content(second, entry), entry);
    }

    [TestMethod]
    public void A_later_format_is_one_error_with_both_versions()
        => StringAssert.Contains(
            Fails<InvalidDataException>(SavedModel.With(Save(), SavedModel.Header, SavedModel.OfALaterVersion)),
            "saved by a later version of the package SynCse.Core (format 2.3; this one reads up to 1.1). Update it.");

    [TestMethod]
    public void A_kind_that_only_a_later_version_knows_is_one_error_that_says_what_to_update()
    {
        string message = Fails<InvalidDataException>(Changed("\"Kind\":\"torch\"", "\"Kind\":\"magic\""));
        StringAssert.Contains(message, "The sentence embedding 'Anchor' -> 'Features' of the model needs an encoder of the kind 'magic'");
        StringAssert.Contains(message, "update the package SynCse.Core");
    }

    [TestMethod]
    [DataRow("\"MaxTokensPerBatch\":\"77\"", "\"MaxTokensPerBatch\":\"-7\"")]
    [DataRow("\"Precision\":\"Float32\"", "\"Precision\":\"Float99\"")]
    [DataRow("\"Precision\":\"Float32\"", "\"Precision\":\"       \"")]
    public void Settings_that_cannot_be_are_one_error(string old, string replacement)
        => StringAssert.Contains(
            Fails<InvalidDataException>(Changed(old, replacement)), "has damaged settings. Copy or save the model again.");

    [TestMethod]
    public void A_damaged_header_is_one_error()
        => StringAssert.Contains(
            Fails<InvalidDataException>(SavedModel.With(Save(), SavedModel.Header, SavedModel.FlipABit)),
                "of the model is damaged. Copy or save the model again.");

    [TestMethod]
    public void A_missing_assembly_is_one_error_that_names_the_package()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => EncoderKind.LoaderOf(EncoderKind.Torch, "The step", name => throw new FileNotFoundException("not there", name)));
        Assert.AreEqual(
            "The step needs the package SynCse, which computes its encoder: the assembly Microsoft.ML.SynCse is not there. Add a "
                + "reference to the package SynCse.", error.Message);
    }

    [TestMethod]
    public void An_assembly_of_another_version_is_one_error_that_says_what_to_update()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(()
            => EncoderKind.LoaderOf(EncoderKind.Torch, "The step", _ => Assembly.GetExecutingAssembly()));
        StringAssert.Contains(error.Message, "Update both packages to one version.");
    }

    private string Changed(string old, string replacement)
        => SavedModel.With(Save(), SavedModel.Header, header => SavedModel.WithJson(header, old, replacement));

    private string Fails<TError>(string path)
        where TError : Exception
    {
        string message = Assert.ThrowsExactly<TError>(() => _ml.Model.LoadWithDiagnostics(path, out _)).Message;
        StringAssert.StartsWith(message, $"The model '{path}' does not load: ");
        return message;
    }

    private string Save()
    {
        string path = _folder.New($"{Guid.NewGuid():N}.zip");
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(2));
        _ml.Model.Save(_ml.Transforms.ApplySentenceEncoder("Features", "Anchor", _encoder).Fit(data), data.Schema, path);
        return path;
    }
}
