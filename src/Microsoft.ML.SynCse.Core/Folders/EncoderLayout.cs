using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>What a sentence-transformers folder says beside the network itself; a plain Hugging Face folder says nothing.</summary>
internal sealed record EncoderLayout
{
    public const string ModulesFile = "modules.json";
    private const string Library = "sentence_transformers.";

    /// <summary>The folder of the transformer module, "" for the root.</summary>
    public string TransformerFolder { get; init; } = "";

    /// <summary>The number of tokens at which a text is cut, where given.</summary>
    public GivenLength? MaxSequenceLength { get; init; }

    /// <summary>Whether text is lower-cased before the tokenizer sees it.</summary>
    public bool LowerCase { get; init; }

    /// <summary>The pooling's name (<see cref="PoolingFile"/>), where given.</summary>
    public string? PoolingName { get; init; }

    /// <summary>Whether the tokens of a prompt are pooled.</summary>
    public bool IncludePrompt { get; init; } = true;

    /// <summary>The Dense modules, in order.</summary>
    public IReadOnlyList<DenseLayout> Dense { get; init; } = [];

    /// <summary>Whether the last module scales vectors to length 1.</summary>
    public bool Normalize { get; init; }

    /// <summary>Reads modules.json and what it points to.</summary>
    /// <exception cref="InvalidDataException">A module of a kind or in an order that this encoder does not have; names it.</exception>
    public static EncoderLayout Read(IModelFileSource files)
    {
        if (files.ReadJson(ModulesFile) is not { } modules) return new();
        string where = files.Describe(ModulesFile);
        if (modules is not JsonArray { Count: > 0 } list) throw new InvalidDataException($"{where} must be a list of modules.");
        var layout = new EncoderLayout();
        for (int i = 0; i < list.Count; i++)
        {
            var (type, path) = Module(list[i], where);
            if ((type == "Transformer") != (i == 0)) throw new InvalidDataException(
                $"{where}: module {i} is a {type}; the first module, and no other, must be a Transformer.");
            if (layout.Dense.Any(d => d.Folder == path)) throw new InvalidDataException(
                $"{where}: module {i} has the folder '{path}' of another module.");
            if (layout.Normalize) throw new InvalidDataException(
                $"{where}: module {i}, a {type}, stands behind Normalize, which must be the last.");
            layout = type switch
            {
                "Transformer" => WithTransformer(layout, files, path),
                "Pooling" when layout.PoolingName is null && layout.Dense.Count == 0 => WithPooling(layout, files, path),
                "Dense" when layout.PoolingName is not null => layout with { Dense = [.. layout.Dense, DenseLayout.Read(files, path)] },
                "Normalize" => WithNormalize(layout, files, path),
                _ => throw new InvalidDataException(
                    $"{where}: module {i} is a {type}, which is not supported there; Transformer, Pooling, Dense ... and Normalize are, "
                    + $"in this order."),
            };
        }
        return layout;
    }

    /// <summary>Writes modules.json and what it points to, weights apart.</summary>
    public void Write(IModelFileSink sink)
    {
        var modules = new JsonArray();
        void Add(string type, string path) => modules.Add(new JsonObject
        {
            ["idx"] = modules.Count,
            ["name"] = modules.Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["path"] = path,
            ["type"] = $"sentence_transformers.models.{type}",
        });

        Add("Transformer", TransformerFolder);
        TransformerSettings.Write(sink, MaxSequenceLength?.Tokens, LowerCase);
        Add("Pooling", "1_Pooling");
        PoolingFile.Write(
            sink, "1_Pooling", PoolingName ?? throw new InvalidOperationException("A layout without pooling cannot be written."),
            IncludePrompt, Dense.Count > 0 ? Dense[0].InputSize : OutputSize);
        foreach (var dense in Dense)
        {
            Add("Dense", dense.Folder);
            dense.Write(sink);
        }
        if (Normalize) Add("Normalize", $"{modules.Count}_Normalize");
        sink.WriteJson(ModulesFile, modules);
    }

    /// <summary>The length of the pooled vector; only needed to write a layout without Dense modules.</summary>
    public int OutputSize { get; init; }

    private static EncoderLayout WithTransformer(EncoderLayout layout, IModelFileSource files, string path)
    {
        var settings = TransformerSettings.Read(path.Length == 0 ? files : new SubfolderSource(files, path));
        return layout with { TransformerFolder = path, MaxSequenceLength = settings.MaxSequenceLength, LowerCase = settings.LowerCase };
    }

    // The module has a file only since it can scale other vectors than the sentence's.
    private static EncoderLayout WithNormalize(EncoderLayout layout, IModelFileSource files, string path)
    {
        if (path.Length > 0 && ModelConfiguration.ReadIfThere(files, path) is { } config)
            FeatureNames.Check(config, "Normalize", FeatureNames.Sentence, FeatureNames.Sentence);
        return layout with { Normalize = true };
    }

    private static EncoderLayout WithPooling(EncoderLayout layout, IModelFileSource files, string path)
    {
        var (name, includePrompt) = PoolingFile.Read(files, path);
        return layout with { PoolingName = name, IncludePrompt = includePrompt };
    }

    private static (string Type, string Path) Module(JsonNode? node, string where)
    {
        if (node is JsonObject module && module["type"] is JsonValue type && type.TryGetValue(out string? name)
            && module["path"] is JsonValue path && path.TryGetValue(out string? folder))
        {
            if (!name.StartsWith(Library, StringComparison.Ordinal)) throw new InvalidDataException(
                $"{where}: the module type {name} is code of its own, not one of {Library}*; such a model cannot be loaded here.");
            folder = folder.TrimEnd('/');
            if (folder.Length > 0 && !ModelFileName.IsInside(folder))
                throw new InvalidDataException(
                    $"{where} names a module's folder '{ModelFileName.Shown(folder)}', which is outside the folder of the model; a "
                    + $"model's files must lie inside it.");
            return (name[(name.LastIndexOf('.') + 1)..], folder);
        }
        throw new InvalidDataException($"{where}: every module needs a type and a path.");
    }
}

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
        string activation = config.Text("activation_function") ?? TanhName;
        if (activation is not (TanhName or IdentityName)) throw config.Error(
            $"activation_function is {activation}; Tanh and Identity are supported.");
        if (config.Flag("use_residual", false)) throw config.Error(
            "use_residual is true; a Dense module with a residual connection is not supported.");
        FeatureNames.Check(config, "Dense", FeatureNames.Sentence, FeatureNames.Sentence);
        return new(folder, config.Int("in_features", 1, 1 << 20), config.Int("out_features", 1, 1 << 20), config.Flag("bias", true),
            activation == TanhName);
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

/// <summary>What a module of sentence-transformers reads and writes, which its config.json may name.</summary>
internal static class FeatureNames
{
    /// <summary>The vectors of tokens.</summary>
    public const string Tokens = "token_embeddings";

    /// <summary>The vector of a sentence.</summary>
    public const string Sentence = "sentence_embedding";

    /// <summary>Throws where a module reads or writes something else than it does here.</summary>
    /// <param name="config">The module's config.json.</param>
    /// <param name="kind">The module's kind.</param>
    /// <param name="input">What it reads here.</param>
    /// <param name="output">What it writes here.</param>
    /// <exception cref="InvalidDataException">It does; names file and field.</exception>
    public static void Check(ModelConfiguration config, string kind, string input, string output)
    {
        foreach (var (field, expected) in new[] { ("module_input_name", input), ("module_output_name", output) })
            if (config.Text(field) is { } feature && feature != expected)
                throw config.Error($"{field} is {feature}; only a {kind} module from {input} to {output} is supported.");
    }
}
