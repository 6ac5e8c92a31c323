using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>A Dense module of a sentence-transformers folder: a linear layer with an activation.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="InputSize">in_features.</param>
/// <param name="OutputSize">out_features.</param>
/// <param name="Bias">Whether it adds a bias.</param>
/// <param name="Tanh">Whether tanh follows; else nothing does.</param>
internal sealed record DenseLayout(string Folder, int InputSize, int OutputSize, bool Bias, bool Tanh)
{
    private const string TanhName = "torch.nn.modules.activation.Tanh";
    private const string IdentityName = "torch.nn.modules.linear.Identity";

    /// <summary>What says all this.</summary>
    public string ConfigurationFile => $"{Folder}/config.json";

    /// <summary>The weights' file.</summary>
    public string WeightsFile => $"{Folder}/model.safetensors";

    /// <summary>Reads a Dense module's config.json.</summary>
    public static DenseLayout Read(IModelFileSource files, string folder)
    {
        var config = ModelConfiguration.Read(files, folder);
        var activation = config.Text("activation_function") ?? TanhName;
        if (activation is not (TanhName or IdentityName)) throw config.Error($"activation_function is {activation}; Tanh and Identity are supported.");
        if (config.Flag("use_residual", false)) throw config.Error("use_residual is true; a Dense module with a residual connection is not supported.");
        FeatureNames.Check(config, "Dense", FeatureNames.Sentence, FeatureNames.Sentence);
        return new(folder, config.Int("in_features", 1, 1 << 20), config.Int("out_features", 1, 1 << 20), config.Flag("bias", true), activation == TanhName);
    }

    /// <summary>Writes the module's config.json.</summary>
    public void Write(IModelFileSink sink) => sink.WriteJson(ConfigurationFile, new JsonObject
    {
        ["in_features"] = InputSize,
        ["out_features"] = OutputSize,
        ["bias"] = Bias,
        ["activation_function"] = Tanh ? TanhName : IdentityName,
    });
}
