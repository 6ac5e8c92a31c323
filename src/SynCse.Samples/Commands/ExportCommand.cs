using System.CommandLine;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>A model of ours becomes a sentence-transformers folder with a model card.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A zip of ours, an encoder's folder, or 'default'", Required = true };
        var output = new Option<string>("--output") { Description = "The folder to write; it must not exist or be empty", Required = true };
        var name = new Option<string?>("--name") { Description = "The card's title" };
        var license = new Option<string?>("--license") { Description = "The Hugging Face Hub's identifier, such as mit or apache-2.0" };
        var languages = new Option<string[]>("--language") { Description = "An ISO 639 code, such as en; may be given several times" };
        var baseModel = new Option<string?>("--base-model") { Description = "What it was tuned from, where the model does not know it" };
        var notes = new Option<string[]>("--note") { Description = "A sentence for the card; may be given several times" };
        var command = new Command(
            "export", "Write a sentence-transformers folder: for Python, for the Hugging Face Hub, for SentenceEncoder.Load") { model,
            output, name, license, languages, baseModel, notes };
        command.SetAction(parsed => Run(parsed.GetValue(model)!, parsed.GetValue(output)!, new ModelCard
        {
            Name = parsed.GetValue(name),
            License = parsed.GetValue(license),
            Languages = parsed.GetValue(languages) is { Length: > 0 } codes ? codes : null,
            BaseModel = parsed.GetValue(baseModel),
            Notes = parsed.GetValue(notes) is { Length: > 0 } texts ? texts : null,
        }));
        return command;
    }

    private static int Run(string model, string output, ModelCard card)
    {
        using var encoder = StartEncoder.Load(model);
        encoder.Save(output, card);
        var files = new DirectoryInfo(output).GetFiles("*", SearchOption.AllDirectories);
        var table = new Table().RoundedBorder().AddColumn("file").AddColumn(new TableColumn("bytes").RightAligned());
        foreach (var file in files.OrderBy(file => file.FullName, StringComparer.Ordinal))
            table.AddRow(Markup.Escape(Path.GetRelativePath(output, file.FullName)),
                file.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        AnsiConsole.Write(table);
        int length = encoder.MaxSequenceLength;
        AnsiConsole.MarkupLineInterpolated(
            $"{Path.GetFullPath(output)}: {encoder.Dimensions} dimensions, {encoder.Pooling} pooling, cut at {length} tokens");
        return 0;
    }
}
