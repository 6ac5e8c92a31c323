using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ModelCardTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public void A_tuned_encoder_tells_its_base_data_recipe_and_scores()
    {
        using var start = SentenceEncoder.Load(TinyEncoder.WriteFolder(_temporary, normalize: true));
        using var trained = Train(start);
        var card = trained.Encoder.Card;
        Assert.AreEqual("1-encoder", card.BaseModel, "the folder's name");
        Assert.AreEqual((long)trained.Summary.Examples, card.DataCounts!["examples trained on"]);
        Assert.AreEqual("8", card.Recipe!["BatchSize"]);
        var (before, after) = (trained.Summary.Evaluations[0], trained.Summary.Evaluations.Single(e => e.Step == trained.Summary.BestStep));
        Assert.AreNotEqual(0, trained.Summary.BestStep);
        CollectionAssert.AreEquivalent(
            before.Metrics.Select(m => new ModelCardScore(m.Key, m.Value, after.Metrics[m.Key])).ToArray(), card.Scores!.ToArray());

        string text = Readme(trained.Encoder);
        foreach (string? part in new[] { "Tuned from 1-encoder.", "| examples trained on | 36 |", "| BatchSize | 8 |",
            "| LearningRate | 5E-05 |",
            $"| TripletAccuracy | {before.Metrics["TripletAccuracy"]:F4} | {after.Metrics["TripletAccuracy"]:F4} |",
            card.DataFingerprint! })
            Assert.Contains(part, text);
    }

    [TestMethod]
    public void The_fingerprint_tells_one_set_of_examples_from_another()
    {
        var rows = TinyEncoder.Triplets(20);
        string same = TrainingDataFingerprint.Of(TinyEncoder.Triplets(20));
        Assert.AreEqual(same, TrainingDataFingerprint.Of(rows));
        Assert.AreEqual(64, same.Length);
        Assert.AreNotEqual(same, TrainingDataFingerprint.Of([.. rows.Reverse()]));
        Assert.AreNotEqual(same, TrainingDataFingerprint.Of([.. rows[..^1], rows[^1] with { Weight = 2 }]));
        Assert.AreNotEqual(
            TrainingDataFingerprint.Of([new("ab", ["c"], [])]), TrainingDataFingerprint.Of([new("a", ["bc"], [])]),
                "where a text ends counts");
    }

    [TestMethod]
    public void The_card_outlives_folders_and_ML_NET_models()
    {
        using var start = TinyEncoder.Load(normalize: true);
        var ml = new MLContext(1);
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(60));
        using var model =
            ml.Transforms.SynCseEmbedding(
            "Features", "Anchor", "Positive", "Negative",
            new() { Encoder = start, Training = new() { BatchSize = 8, KeepStartIfWorse = false } }).Fit(data);
        Assert.Contains("through ML.NET", model.Encoder.Card.DataSource!);
        string zip = _temporary.New("model.zip");
        ml.Model.Save(model, data.Schema, zip);
        using var fromZip = (SynCseEmbeddingTransformer)ml.Model.Load(zip, out _);
        using var encoderOfZip = SentenceEncoder.Load(zip);
        string folder = _temporary.New("tickets");
        fromZip.Encoder.Save(folder);
        using var fromFolder = SentenceEncoder.Load(folder);

        Assert.AreEqual(Json(model.Encoder.Card), Json(fromZip.Encoder.Card));
        Assert.AreEqual(Json(model.Encoder.Card), Json(encoderOfZip.Card));
        Assert.AreEqual(Json(model.Encoder.Card with { Name = Path.GetFileName(folder) }), Json(fromFolder.Card),
            "an encoder from a folder is called as the folder");
        Assert.AreEqual(Id(model.Encoder), Id(fromFolder), "what it is called is no part of the encoder's id");
    }

    [TestMethod]
    public void What_the_user_knows_wins_and_the_rest_stays()
    {
        using var start = TinyEncoder.Load(normalize: true);
        using var trained = Train(start);
        string folder = _temporary.New("saved");
        trained.Encoder.Save(
            folder, new SaveOptions
            {
                Card = new()
                {
                    Name = "Tickets",
                    License = "apache-2.0",
                    Languages = ["en", "no"],
                    BaseModel = "acme/base"
                }
            });
        string text = File.ReadAllText(Path.Combine(folder, "README.md"));
        foreach (string? part in new[] { "# Tickets\n", "license: \"apache-2.0\"\n", "- \"no\"\n", "base_model: \"acme/base\"\n",
            "pipeline_tag: \"sentence-similarity\"\n", "library_name: \"sentence-transformers\"\n", "| BatchSize | 8 |" })
            Assert.Contains(part, text);
        using var loaded = SentenceEncoder.Load(folder);
        Assert.AreEqual(("Tickets", "apache-2.0"), (loaded.Card.Name, loaded.Card.License));
    }

    [TestMethod]
    public void No_sentence_of_the_data_is_in_the_card()
    {
        using var start = TinyEncoder.Load(normalize: true);
        using var trained = Train(start);
        string text = Readme(trained.Encoder) + Json(trained.Encoder.Card);
        foreach (string? sentence in TinyEncoder.Triplets(40).SelectMany(r => r.Positives.Concat(r.Negatives).Prepend(r.Anchor))
            .Where(s => s.Length > 8))
            Assert.DoesNotContain(sentence, text);
    }

    [TestMethod]
    public void A_start_that_was_kept_keeps_its_own_history()
    {
        using var start = TinyEncoder.Load(normalize: true);
        using var trained = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(40), new() { BatchSize = 8, Evaluator = new Falling() });
        Assert.IsTrue(trained.Summary.KeptStart);
        Assert.IsNull(trained.Encoder.Card.Recipe);
        Assert.AreEqual(start.Card.Name, trained.Encoder.Card.Name);
        Assert.Contains("did not make this encoder better", trained.Encoder.Card.Notes!.Single());
    }

    [TestMethod]
    public void Whatever_a_text_holds_the_metadata_are_one_scalar_and_the_table_one_row()
    {
        const string nasty = "a: \"b\" # c\n---\n| <script> ` \\ \u0085 \ud800 😀";
        using var encoder = TinyEncoder.Load();
        string folder = _temporary.New("saved");
        var card = new ModelCard
        {
            Name = nasty,
            License = "other",
            LicenseName = nasty,
            DataSource = nasty,
            Recipe = new Dictionary<string, string> { [nasty] = nasty },
        };
        encoder.Save(folder, new SaveOptions { Card = card });
        string[] lines = File.ReadAllLines(Path.Combine(folder, "README.md"));
        string name = lines.Single(l => l.StartsWith("license_name: ", StringComparison.Ordinal))["license_name: ".Length..];
        Assert.AreEqual(WellFormedText.Of(nasty), JsonSerializer.Deserialize<string>(name),
            "double quotes of YAML hold what those of JSON do");
        Assert.HasCount(2, lines.Where(l => l == "---"));
        Assert.HasCount(1, lines.Where(l => l.StartsWith("# ", StringComparison.Ordinal)));
        Assert.IsFalse(lines.Any(
            l => l.Contains("<script", StringComparison.Ordinal) && !l.Contains("\\<script", StringComparison.Ordinal)
            && !l.StartsWith("license_name", StringComparison.Ordinal)));
        using var loaded = SentenceEncoder.Load(folder);
        Assert.AreEqual(WellFormedText.Of(nasty), loaded.Card.DataSource);
    }

    [TestMethod]
    [DataRow("Apache 2.0", null, "en", "ModelCard.License")]
    [DataRow("mit\n", null, "en", "ModelCard.License")]
    [DataRow("other", null, "en", "LicenseName")]
    [DataRow("mit", "My licence", "en", "LicenseName")]
    [DataRow("mit", null, "English", "ModelCard.Languages")]
    public void What_the_Hub_would_refuse_is_refused_and_nothing_written(string license, string? name, string language, string part)
    {
        using var encoder = TinyEncoder.Load();
        string folder = _temporary.New("saved");
        Assert.Contains(part,
            Assert.ThrowsExactly<ArgumentException>(()
            => encoder.Save(folder,
                new SaveOptions { Card = new() { License = license, LicenseName = name, Languages = [language] } })).Message);
        Assert.IsFalse(Directory.Exists(folder));
    }

    [TestMethod]
    public void A_licence_is_never_guessed_and_a_base_off_the_Hub_is_no_metadata()
    {
        using var encoder = TinyEncoder.Load();
        string folder = _temporary.New("saved");
        encoder.Save(folder, new SaveOptions { Card = new() { BaseModel = "our own encoder" } });
        string text = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.DoesNotContain("license", text);
        Assert.DoesNotContain("base_model", text);
        Assert.Contains("Tuned from our own encoder.", text);
        Assert.Contains("Not stated.", text);
    }

    [TestMethod]
    public void The_default_encoder_has_a_name()
    {
        using var encoder = SentenceEncoder.LoadDefault();
        Assert.AreEqual("Microsoft.ML.SynCse default encoder", encoder.Card.Name);
    }

    [TestMethod]
    [DataRow("[]", "not a JSON object")]
    [DataRow("""{"Scores": 3}""", "not a model card")]
    [DataRow("""{"License": "My licence"}""", "ModelCard.License")]
    public void A_card_that_is_none_is_named(string json, string message)
    {
        string folder = TinyEncoder.WriteFolder(_temporary);
        File.WriteAllText(Path.Combine(folder, ModelCardFile.FileName), json);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder));
        Assert.Contains(ModelCardFile.FileName, error.Message);
        Assert.Contains(message, error.Message);
    }

    [TestMethod]
    [DataRow("all-MiniLM-L6-v2", "all-MiniLM-L6-v2")]
    [DataRow("all-MiniLM-L6-v2/", "all-MiniLM-L6-v2")]
    [DataRow("hub/models--sentence-transformers--all-MiniLM-L6-v2/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
        "sentence-transformers/all-MiniLM-L6-v2")]
    [DataRow("snapshots/today", "today")]
    public void An_encoder_is_called_as_its_folder(string path, string name)
        => Assert.AreEqual(name, FolderName.Of(Path.Combine(_temporary.Root, path)));

    private static TrainingResult Train(SentenceEncoder start)
        => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(40), new() { BatchSize = 8, KeepStartIfWorse = false });

    private string Readme(SentenceEncoder encoder)
    {
        string folder = _temporary.New("readme");
        encoder.Save(folder);
        return File.ReadAllText(Path.Combine(folder, "README.md"));
    }

    private static string Json(ModelCard card) => JsonSerializer.Serialize(card, ModelCardJson.Default.ModelCard);

    private static string? Id(SentenceEncoder encoder)
        => ((Microsoft.Extensions.AI.EmbeddingGeneratorMetadata)encoder.GetService(
        typeof(Microsoft.Extensions.AI.EmbeddingGeneratorMetadata))!).DefaultModelId;

    /// <summary>Scores every encoder lower than the one before.</summary>
    private sealed class Falling : IEncoderEvaluator
    {
        private double _score;

        public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
            => new(--_score, new Dictionary<string, double> { ["Score"] = _score });
    }
}
