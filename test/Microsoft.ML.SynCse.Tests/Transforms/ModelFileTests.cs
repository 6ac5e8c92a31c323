using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ModelFileTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly SentenceEncoder _encoder = TinyEncoder.Load();

    [TestCleanup]
    public void Clean()
    {
        _encoder.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void SaveAtomically_replaces_a_file_and_leaves_nothing_beside_it()
    {
        string path = Path.Combine(_folder.Root, "model.zip");
        File.WriteAllText(path, "an older model");
        _ml.Model.SaveAtomically(Model(), Data().Schema, path);
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(_folder.Root));
        using var loaded = (IDisposable)_ml.Model.LoadWithDiagnostics(path, out var schema);
        Assert.IsNotNull(schema!.GetColumnOrNull("Anchor"));
    }

    [TestMethod]
    public void A_folder_that_is_not_there_is_one_error_that_names_the_file()
    {
        string path = Path.Combine(_folder.Root, "missing", "model.zip");
        var error = Assert.ThrowsExactly<IOException>(() => _ml.Model.SaveAtomically(Model(), null, path));
        StringAssert.Contains(error.Message, path);
    }

    [TestMethod]
    public void A_target_that_cannot_be_replaced_keeps_what_it_was()
    {
        string path = Path.Combine(_folder.Root, "model.zip");
        Directory.CreateDirectory(path);
        var error = Assert.ThrowsExactly<IOException>(() => _ml.Model.SaveAtomically(Model(), null, path));
        StringAssert.Contains(error.Message, path);
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public void A_model_that_cannot_be_saved_leaves_the_earlier_file()
    {
        string path = Path.Combine(_folder.Root, "model.zip");
        _ml.Model.SaveAtomically(Model(), null, path);
        byte[] before = File.ReadAllBytes(path);
        var model = Model();
        _encoder.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _ml.Model.SaveAtomically(model, null, path));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public void A_write_that_fails_at_any_point_is_noticed_even_where_MLNet_swallows_it()
    {
        var model = Model();
        using var whole = new MemoryStream();
        _ml.Model.Save(model, null, whole);
        int swallowed = 0;
        for (long room = 0; room < whole.Length; room += whole.Length / 40 + 1) Try(room);
        Try(whole.Length - 1);
        Assert.IsGreaterThan(0, swallowed, "ML.NET reports these errors itself now: FaultKeepingStream is no longer needed");

        void Try(long room)
        {
            using var full = new FullStream(room);
            var keeping = new FaultKeepingStream(full);
            try
            {
                _ml.Model.Save(model, null, keeping);
                swallowed++;
            }
            catch (IOException error)
            {
                StringAssert.Contains(error.Message, "no room");
            }
            Assert.IsNotNull(keeping.Fault, $"room for {room} bytes");
        }
    }

    [TestMethod]
    public void A_file_that_is_not_there_or_no_model_is_named()
    {
        string missing = Path.Combine(_folder.Root, "missing.zip"), text = Path.Combine(_folder.Root, "text.zip");
        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Model.LoadWithDiagnostics(missing, out _)).Message, missing);
        File.WriteAllText(text, "not a zip");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadWithDiagnostics(text, out _)).Message,
            $"The model '{text}' does not load: Failed to open a zip archive");
    }

    [TestMethod]
    public void A_gpu_that_is_not_there_is_one_error_or_the_cpu_as_the_context_says()
    {
        if (TorchSharp.torch.cuda.is_available()) Assert.Inconclusive("this machine has a CUDA GPU");
        string path = Path.Combine(_folder.Root, "model.zip");
        _ml.Model.SaveAtomically(Model(), null, path);
        var other = new MLContext { GpuDeviceId = 0, FallbackToCpu = false };
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => other.Model.LoadWithDiagnostics(path, out _));
        StringAssert.Contains(error.Message, "GpuDeviceId 0");
        other.FallbackToCpu = true;
        using var loaded = (IDisposable)other.Model.LoadWithDiagnostics(path, out _);
    }

    private TextEncoderTransformer Model() => _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", _encoder).Fit(Data());

    private IDataView Data() => _ml.Data.LoadFromEnumerable(SentenceRow.Many(2));
}
