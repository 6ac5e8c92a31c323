using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SynCseEmbeddingEstimatorTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly SentenceEncoder _start = TinyEncoder.Load();

    [TestCleanup]
    public void DisposeEncoder() => _start.Dispose();

    [TestMethod]
    [DataRow(null, null, TrainingMode.Unsupervised, "anchors alone")]
    [DataRow("Positive", null, TrainingMode.Pairs, "pairs")]
    [DataRow("Positive", "Negative", TrainingMode.Triplets, "triplets")]
    public void The_columns_given_choose_the_mode_and_it_is_logged(string? positive, string? negative, TrainingMode mode, string words)
    {
        var log = new MLLog(_ml);
        var data = Data(SentenceRow.Many(24));
        using var model = _ml.Transforms.SynCseEmbedding("Features", "Anchor", positive, negative, Options()).Fit(data);
        Assert.AreEqual(mode, model.Training!.Mode);
        Assert.IsGreaterThan(0, model.Training.Steps);
        StringAssert.Contains(log.Text, $"Training on {words}");
        StringAssert.Contains(log.Text, "24 rows, columns anchor 'Anchor'");
        foreach (string warning in model.Training.Warnings) StringAssert.Contains(log.Text, "Warning: " + warning);
    }

    [TestMethod]
    public void Training_moves_the_vectors_and_leaves_the_start_encoder_as_it_was()
    {
        var data = Data(SentenceRow.Many(24));
        float[] before = _start.Encode(["a cat is nice"])[0];
        using var model = Triplets().Fit(data);
        CollectionAssert.AreEqual(before, _start.Encode(["a cat is nice"])[0]);
        CollectionAssert.AreNotEqual(before, model.Encoder.Encode(["a cat is nice"])[0]);
    }

    [TestMethod]
    public void It_is_the_trainers_result()
    {
        var rows = SentenceRow.Many(24);
        using var model = Triplets().Fit(Data(rows));
        using var direct =
            ContrastiveTrainer.Train(
            _start, [.. rows.Select(r => new TrainingExample(r.Anchor, r.Positive, r.Negative))], Options().Training);
        CollectionAssert.AreEqual(direct.Encoder.Encode(["a cat"])[0], model.Encoder.Encode(["a cat"])[0]);
        Assert.AreEqual(direct.Summary.LastLoss, model.Training!.LastLoss);
    }

    [TestMethod]
    public void A_column_of_weights_weighs_the_rows()
    {
        var rows = SentenceRow.Many(24);
        float Weight(int i) => i % 3;
        var data = _ml.Data.LoadFromEnumerable(
            rows.Select((r, i) => new { r.Anchor, r.Positive, r.Negative, Share = (double)Weight(i), Bad = i == 5 ? -1f : 1f }));
        SynCseEmbeddingEstimator Weighted(string column)
            => _ml.Transforms.SynCseEmbedding(
            "Features", "Anchor", "Positive", "Negative",
            new() { Encoder = _start, Training = Options().Training, ExampleWeightColumnName = column });
        using var model = Weighted("Share").Fit(data);
        using var direct =
            ContrastiveTrainer.Train(
            _start, [.. rows.Select((r, i) => new TrainingExample(r.Anchor, [r.Positive], [r.Negative], Weight(i)))], Options().Training);
        CollectionAssert.AreEqual(direct.Encoder.Encode(["a cat"])[0], model.Encoder.Encode(["a cat"])[0]);
        using var even = Triplets().Fit(data);
        CollectionAssert.AreNotEqual(even.Encoder.Encode(["a cat"])[0], model.Encoder.Encode(["a cat"])[0]);

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Weighted("Bad").Fit(data)).Message, "'Bad' is -1 in row 5");
        foreach (var (column, words) in new[] { ("Anchor", "a number"), ("Gone", "'Gone'") }) StringAssert.Contains(
            Assert.Throws<ArgumentException>(() => Weighted(column).Fit(data)).Message, words);
    }

    [TestMethod]
    public void Settings_of_a_synthesis_without_a_chat_client_are_refused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.SynCseEmbedding(
            "Features", "Anchor", "Positive", "Negative", new() { Encoder = _start, Synthesis = new() { MaxConcurrency = 2 } }));
        StringAssert.Contains(error.Message, "SynCseEmbeddingOptions.Synthesis is set, but there is no chat client");
    }

    [TestMethod]
    public void Scoring_needs_the_input_column_only()
    {
        using var model = Triplets().Fit(Data(SentenceRow.Many(24)));
        var data = _ml.Data.LoadFromEnumerable(new[] { new { Anchor = "a cat" } });
        Assert.HasCount(TinyEncoder.Dimensions, model.Transform(data).GetColumn<float[]>("Features").Single());
    }

    [TestMethod]
    public void Without_an_encoder_the_default_one_is_tuned()
    {
        var training = new ContrastiveTrainingOptions { BatchSize = 4, MaxSequenceLength = 8, ValidationFraction = 0 };
        using var model = _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", options: new() { Training = training })
            .Fit(Data(SentenceRow.Many(4)));
        using var start = SentenceEncoder.LoadDefault();
        Assert.AreEqual((start.Dimensions, true), (model.Encoder.Dimensions, start.Normalized));
    }

    [TestMethod]
    public void Disposing_the_transformer_disposes_its_encoder_alone()
    {
        var model = Triplets().Fit(Data(SentenceRow.Many(24)));
        model.Dispose();
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Encoder.Encode(["a cat"]));
        Assert.HasCount(1, _start.Encode(["a cat"]));
    }

    [TestMethod]
    public void A_vector_column_holds_one_or_several_texts_of_an_anchor()
    {
        var rows = SentenceRow.Many(24);
        var one = _ml.Data.LoadFromEnumerable(rows.Select(r => new OnePositive { Anchor = r.Anchor, Positives = [r.Positive] }));
        using var model = _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positives", options: Options()).Fit(one);
        Assert.AreEqual(TrainingMode.Pairs, model.Training!.Mode);

        var two = _ml.Data.LoadFromEnumerable(
            rows.Select(r => new TwoPositives { Anchor = r.Anchor, Positives = [r.Positive, r.Anchor.ToUpperInvariant()] }));
        using var tuned = _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positives", options: Options()).Fit(two);
        Assert.AreEqual(TrainingMode.Pairs, tuned.Training!.Mode);
        Assert.AreNotEqual(model.Training.FirstLoss, tuned.Training.FirstLoss, 1e-6);
    }

    [TestMethod]
    public void Rows_with_an_empty_text_are_left_out_counted_and_warned_of()
    {
        var log = new MLLog(_ml);
        var rows = SentenceRow.Many(24);
        (rows[1].Anchor, rows[5].Positive, rows[9].Negative) = ("", "  ", null!);
        using var model = Triplets().Fit(Data(rows));
        Assert.AreEqual(3, model.Training!.SkippedExamples);
        StringAssert.Contains(log.Text, "Warning: 3 of 24 examples were left out");
    }

    [TestMethod]
    public void Rows_whose_hard_negative_is_their_positive_are_left_out_counted_and_warned_of()
    {
        var log = new MLLog(_ml);
        var rows = SentenceRow.Many(24);
        rows[2].Negative = rows[2].Positive;
        rows[9].Negative = rows[9].Positive.ToUpperInvariant() + " ";
        using var model = Triplets().Fit(Data(rows));
        Assert.AreEqual((2, 0), (model.Training!.ContradictoryExamples, model.Training.SkippedExamples));
        StringAssert.Contains(log.Text, "Warning: 2 of 24 examples were left out because their hard negative is their positive.");
        foreach (var row in rows) row.Negative = row.Positive;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Triplets().Fit(Data(rows)));
        StringAssert.Contains(error.Message, "24 of 24 rows have the same text in positive 'Positive' and negative 'Negative'");
    }

    [TestMethod]
    public void Hard_negatives_that_another_one_replaced_are_counted_and_the_count_is_saved_with_the_model()
    {
        using var folder = new TemporaryFolder();
        var rows = SentenceRow.Many(24).Select((r, i) => new TwoNegatives
        {
            Anchor = r.Anchor,
            Positive = r.Positive,
            Negatives = [i is 2 or 9 ? $" {r.Positive.ToUpperInvariant()}" : r.Anchor + " not", r.Negative],
        });
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", "Negatives", Options()).Fit(data);
        Assert.AreEqual((2, 0), (model.Training!.ReplacedNegatives, model.Training.ContradictoryExamples));
        string path = folder.New("model");
        _ml.Model.Save(model, null, path);
        using var loaded = (SynCseEmbeddingTransformer)_ml.Model.Load(path, out _);
        Assert.AreEqual(2, loaded.Training!.ReplacedNegatives);
    }

    [TestMethod]
    public void Too_few_rows_are_one_error_that_names_the_columns()
    {
        var rows = SentenceRow.Many(3);
        string Message(params SentenceRow[] given)
            => Assert.ThrowsExactly<InvalidOperationException>(() => Triplets().Fit(Data(given))).Message;
        StringAssert.Contains(Message(), "no rows to train on");
        StringAssert.Contains(Message(rows[0]), "Only one row of 1");
        rows[0].Anchor = rows[1].Positive = rows[2].Negative = "";
        StringAssert.Contains(
            Message(rows), "No row of 3 has text in every one of the columns anchor 'Anchor', positive 'Positive', negative 'Negative'");
    }

    [TestMethod]
    public void A_missing_column_is_named_with_those_there()
    {
        var data = Data(SentenceRow.Many(2));
        foreach (var (role, estimator) in new[]
        {
            ("anchor", _ml.Transforms.SynCseEmbedding("Features", "Nope", options: Options())),
            ("positive", _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Nope", options: Options())),
            ("negative", _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", "Nope", Options())),
        })
        {
            foreach (var use in new Action[] { () => estimator.Fit(data),
                () => estimator.Append(_ml.Transforms.CopyColumns("Copy", "Features")).Fit(data) })
                StringAssert.Contains(
                    Assert.ThrowsExactly<ArgumentOutOfRangeException>(use).Message,
                    $"Could not find {role} column 'Nope'. The columns there are: 'Id', 'Anchor'");
        }
    }

    [TestMethod]
    public void A_column_of_another_type_is_named_with_what_to_do()
    {
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "Anchor")
            .Append(_ml.Transforms.Text.TokenizeIntoWords("Tokens", "Anchor"))
            .Fit(Data(SentenceRow.Many(2))).Transform(Data(SentenceRow.Many(2)));
        foreach (var (column, type, advice) in new[] { ("Id", "Int32", "ConvertType(\"Id\""),
            ("Label", "Boolean", "ConvertType(\"Label\""), ("Key", "Key<", "MapKeyToValue(\"Key\")"),
            ("Tokens", "VarVector<", "[VectorType(n)]") })
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
                => _ml.Transforms.SynCseEmbedding("Features", "Anchor", column, options: Options()).Fit(keyed));
            StringAssert.Contains(
                error.Message, $"Schema mismatch for positive column '{column}': expected Text or a known-size vector of Text, got {type}");
            StringAssert.Contains(error.Message, advice);
        }
    }

    [TestMethod]
    public void A_negative_column_without_a_positive_one_is_an_error()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(()
            => _ml.Transforms.SynCseEmbedding("Features", "Anchor", negativeColumnName: "Negative"));
        StringAssert.Contains(error.Message, "positiveColumnName");
        Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.SynCseEmbedding(""));
    }

    [TestMethod]
    public void A_training_option_out_of_range_is_named_before_a_row_is_read()
    {
        var options = new SynCseEmbeddingOptions { Encoder = _start, Training = new() { BatchSize = 1 } };
        IEnumerable<SentenceRow> Unread()
        {
            Assert.Fail("a row was read");
            yield break;
        }

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
            => _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", options: options)
            .Fit(_ml.Data.LoadFromEnumerable(Unread())));
        StringAssert.Contains(error.Message, "BatchSize");
    }

    [TestMethod]
    public void The_schema_is_known_before_fitting()
    {
        var chain = Triplets().Append(_ml.Transforms.NormalizeLpNorm("Features"));
        using var model = chain.Fit(Data(SentenceRow.Many(24)));
        var column = model.GetOutputSchema(Data([]).Schema)["Features"];
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, TinyEncoder.Dimensions), column.Type);
    }

    [TestMethod]
    public async Task FitAsync_reports_rows_and_every_step()
    {
        var reports = new List<SynCseProgress>();
        using var model = await Triplets().FitAsync(Data(SentenceRow.Many(24)), new Inline<SynCseProgress>(reports.Add));
        Assert.AreEqual(SynCseStage.Reading, reports[0].Stage);
        Assert.IsTrue(reports.All(r => r.Rows == 24));
        CollectionAssert.AreEqual(
            Enumerable.Range(1, model.Training!.Steps).ToArray(), reports.Skip(1).Select(r => r.Training!.Step).ToArray());
    }

    [TestMethod]
    public async Task FitAsync_ends_with_its_token()
    {
        using var source = new CancellationTokenSource();
        var fit = Endless()
            .FitAsync(Data(SentenceRow.Many(24)), new Inline<SynCseProgress>(p => { if (p.Training is not null) source.Cancel(); }),
            source.Token);
        await Assert.ThrowsAsync<OperationCanceledException>(() => fit);
        Assert.HasCount(1, _start.Encode(["still alive"]));
    }

    [TestMethod]
    public async Task Cancelling_the_contexts_execution_ends_a_fit()
    {
        var fit = Endless()
            .FitAsync(Data(SentenceRow.Many(24)), new Inline<SynCseProgress>(p => { if (p.Training?.Step == 1) Cancellation.Of(_ml); }));
        await Assert.ThrowsAsync<OperationCanceledException>(() => fit);
    }

    [TestMethod]
    public void A_gpu_that_is_not_there_is_an_error_or_the_cpu_as_the_context_says()
    {
        if (TorchSharp.torch.cuda.is_available()) Assert.Inconclusive("this machine has a CUDA GPU");
        _ml.GpuDeviceId = 0;
        _ml.FallbackToCpu = false;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Triplets().Fit(Data(SentenceRow.Many(24))));
        StringAssert.Contains(error.Message, "GpuDeviceId 0");
        _ml.FallbackToCpu = true;
        using var model = Triplets().Fit(Data(SentenceRow.Many(24)));
        Assert.HasCount(1, model.Encoder.Encode(["a cat"]));
    }

    private IDataView Data(SentenceRow[] rows) => _ml.Data.LoadFromEnumerable(rows);

    private SynCseEmbeddingEstimator Triplets() => _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", "Negative", Options());

    private SynCseEmbeddingEstimator Endless()
        => _ml.Transforms.SynCseEmbedding(
        "Features", "Anchor", "Positive", "Negative", new() { Encoder = _start, Training = new() { BatchSize = 8, Epochs = 1_000_000 } });

    private SynCseEmbeddingOptions Options()
        => new() { Encoder = _start, Training = new() { BatchSize = 8, Epochs = 2, LearningRate = 1e-3, ValidationFraction = 0 } };

    private sealed class OnePositive
    {
        public string Anchor { get; set; } = "";

        [VectorType(1)]
        public string[] Positives { get; set; } = [];
    }

    private sealed class TwoNegatives
    {
        public string Anchor { get; set; } = "";

        public string Positive { get; set; } = "";

        [VectorType(2)]
        public string[] Negatives { get; set; } = [];
    }

    private sealed class TwoPositives
    {
        public string Anchor { get; set; } = "";

        [VectorType(2)]
        public string[] Positives { get; set; } = [];
    }
}
