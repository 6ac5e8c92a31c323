namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>An adapter (LoRA and its kin) as the PEFT library saves it, beside a model or alone: Python applies it on loading.</summary>
internal static class AdapterFiles
{
    private const string ConfigurationFile = "adapter_config.json";
    private static readonly string[] Files = [ConfigurationFile, "adapter_model.safetensors", "adapter_model.bin"];

    /// <summary>Throws where the folder has one: without it the vectors would be the base model's.</summary>
    /// <param name="files">The transformer's folder.</param>
    /// <exception cref="InvalidDataException">It has one; names the file and the way to merge it.</exception>
    public static void Refuse(IModelFileSource files)
    {
        if (Array.Find(Files, name => files.TryRead(name, _ => { })) is not { } found) return;
        throw new InvalidDataException($"{files.Describe(found)}{Details(files)} is an adapter (PEFT, such as LoRA), "
            + "which is not applied here: the vectors would be those of the base model. "
            + "Merge it into the weights once in Python, with the packages peft and transformers: "
            + "PeftModel.from_pretrained(AutoModel.from_pretrained(base_model), folder).merge_and_unload()"
            + ".save_pretrained(another_folder), and copy the tokenizer's and the modules' files beside. "
            + "Where the weights beside it are merged already, remove the adapter's files.");
    }

    private static string Details(IModelFileSource files)
    {
        if (files.ReadJsonObject(ConfigurationFile) is not { } json) return "";
        string[] known = [.. new[] { "peft_type", "base_model_name_or_path" }.Where(field => json[field] is not null)
            .Select(field => $"{field} {ModelFileName.Shown(json[field]!.ToString())}")];
        return known.Length == 0 ? "" : $" ({string.Join(", ", known)})";
    }
}
