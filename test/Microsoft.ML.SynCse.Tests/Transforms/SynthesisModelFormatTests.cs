using System.Reflection;
using Microsoft.Extensions.AI;
using Microsoft.ML.Data;
using TextEncoding = System.Text.Encoding;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SynthesisModelFormatTests
{
    private const string Header = "TransformerChain/Model.key";
    private static readonly OrderRow[] _data = OrderRow.Many(40);

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<IDisposable> _made = [];

    [TestCleanup]
    public void Clean()
    {
        _made.ForEach(m => m.Dispose());
        _folder.Dispose();
    }

    [TestMethod]
    public void Loaded_without_a_client_only_reading_a_text_raises_the_one_clear_error()
    {
        var loaded = Load(Save(Fit(Writers.Good())));
        var view = loaded.Transform(Source());
        Assert.AreEqual(_data.Length, view.GetColumn<int>("Id").Count());
        var mapper = loaded.GetRowToRowMapper(Source().Schema);
        Assert.IsNotNull(mapper.OutputSchema.GetColumnOrNull("Negative"));
        foreach (var read in new Action[] { () => view.Preview(), () => view.GetColumn<string>("Negative").First() })
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(read);
            StringAssert.Contains(error.Message,
                "The synthesis step 'Text' -> 'Positive', 'Negative' was loaded from a model, and a model holds no chat client");
            StringAssert.Contains(error.Message, "mlContext.Model.UseChatClient(model, chatClient)");
        }
    }

    [TestMethod]
    public async Task A_report_without_a_client_is_empty()
        => Assert.AreEqual(0, (await ((TripletSynthesisTransformer)Load(Save(Fit(Writers.Good())))).GetReportAsync()).Requests);

    [TestMethod]
    public void A_loaded_one_given_a_client_writes_the_same_texts()
    {
        var options = new TripletSynthesisOptions
        {
            Seed = 7,
            MaxConcurrency = 3,
            Temperature = 0.5f,
            PromptLibrary = PromptLibrary.Default with { Version = "mine" },
        };
        var (first, second) = (Writers.Good(), Writers.Good());
        var model = Fit(first, options);
        string path = Save(model);
        string[] expected = Texts(model);
        var loaded = (TripletSynthesisTransformer)Load(path);
        loaded.UseChatClient(second);
        CollectionAssert.AreEqual(expected, Texts(loaded));
        Assert.AreEqual(3, Math.Max(second.MostAtATime, 3));
        // The same questions, word for word.
        CollectionAssert.AreEquivalent(Asked(first), Asked(second));
        Assert.IsTrue(second.Requests.All(r => r.Options!.Temperature == 0.5f));
    }

    [TestMethod]
    public void Another_client_goes_on_with_the_temporary_journal_and_readings_under_way_end_with_the_first()
    {
        var (first, second) = (Writers.Good(), Writers.Good());
        var model = (TripletSynthesisTransformer)Fit(first);
        var view = model.Transform(Source());
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            var positive = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
            ReadOnlyMemory<char> text = default;
            for (int i = 0; cursor.MoveNext(); i++)
            {
                positive(ref text);
                Assert.AreEqual(FakeRequest.Positive(_data[i].Text), text.ToString());
                if (i == 10) model.UseChatClient(second, o => o with { MaxConcurrency = 4 });
            }
        }
        Assert.AreEqual((2 * _data.Length, 0), (first.Calls, second.Calls));
        Texts(model);
        Assert.AreEqual(0, second.Calls);
    }

    [TestMethod]
    public void Every_step_of_a_chain_is_found()
    {
        var chain = Estimator(Writers.Good()).Append(_ml.Transforms.CopyColumns("Again", "Text"))
            .Append(_ml.Transforms.SynthesizeTriplets("P", "N", "Again", Writers.Good()).Append(_ml.Transforms.CopyColumns("Copy", "P")));
        using var model = chain.Fit(Source());
        var loaded = Load(Save(model));
        var client = Writers.Good();
        _ml.Model.UseChatClient(loaded, client);
        CollectionAssert.AreEqual(Texts(loaded), loaded.Transform(Source()).GetColumn<string>("Copy")
            .Zip(loaded.Transform(Source()).GetColumn<string>("N"), (p, n) => $"{p}|{n}").ToArray());
        Assert.AreEqual(4 * _data.Length, client.Calls);
    }

    [TestMethod]
    public void A_model_without_such_a_step_is_an_error_that_says_what_is_there()
    {
        var model = _ml.Transforms.CopyColumns("Copy", "Text").Append(_ml.Transforms.CopyColumns("Copy2", "Text")).Fit(Source());
        var error = Assert.ThrowsExactly<ArgumentException>(() => _ml.Model.UseChatClient(model, Writers.Good()));
        StringAssert.Contains(error.Message,
            "no step that a chat client is used by (SynthesizeTriplets); it consists of: ColumnCopyingTransformer.");
    }

    [TestMethod]
    public void What_a_file_cannot_hold_and_texts_depend_on_must_be_given_again()
    {
        var options = new TripletSynthesisOptions
        {
            Rules = [.. ReplyRules.Default, new AnchorRule("17")],
            PairChecks = [new AnchorCheck("17")],
            Redact = s => s.Replace("Order", "Thing"),
            CountTokens = s => s.Length,
        };
        var model = Fit(Writers.Good(), options);
        string path = Save(model);
        var loaded = (TripletSynthesisTransformer)Load(path);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => loaded.UseChatClient(Writers.Good()));
        StringAssert.Contains(error.Message, "Rules with 'anchor'; PairChecks with 'anchor'; Redact.");
        Assert.DoesNotContain("CountTokens", error.Message);
        error = Assert.ThrowsExactly<InvalidOperationException>(() => loaded.UseChatClient(Writers.Good(), o => o with
        {
            Rules = options.Rules,
            Redact = options.Redact,
        }));
        StringAssert.Contains(error.Message, ": PairChecks with 'anchor'.");
        // A step that was refused, saved again, still knows.
        var again = (TripletSynthesisTransformer)Load(Save(loaded));
        Assert.ThrowsExactly<InvalidOperationException>(() => again.UseChatClient(Writers.Good()));
        again.UseChatClient(Writers.Good(), o => o with
        {
            Rules = options.Rules,
            PairChecks = options.PairChecks,
            Redact = options.Redact,
        });
        CollectionAssert.AreEqual(Texts(model), Texts(again));
    }

    [TestMethod]
    public void Options_that_would_change_the_columns_are_refused()
    {
        var loaded = (TripletSynthesisTransformer)Load(Save(Fit(Writers.Good())));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => loaded.UseChatClient(Writers.Good(),
            o => o with { PositivesPerSentence = 2 })).Message, "PositivesPerSentence and NegativesPerSentence cannot change");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => loaded.UseChatClient(Writers.Good(), o => o with { MaxAttempts = 0 })).Message, "MaxAttempts");
        Assert.ThrowsExactly<ArgumentException>(() => loaded.UseChatClient(Writers.Good(), _ => null!));
    }

    [TestMethod]
    public void A_journal_path_is_given_to_a_loaded_one_and_used()
    {
        string journal = _folder.New("journal");
        var model = Fit(Writers.Good(), new() { JournalPath = journal });
        string[] expected = Texts(model);
        string path = Save(model);
        model.Dispose();
        var loaded = (TripletSynthesisTransformer)Load(path);
        var client = Writers.Good();
        loaded.UseChatClient(client, o =>
        {
            Assert.IsNull(o.JournalPath);
            return o with { JournalPath = journal };
        });
        CollectionAssert.AreEqual(expected, Texts(loaded));
        Assert.AreEqual(0, client.Calls);
    }

    [TestMethod]
    public void Every_option_travels_along_or_is_known_not_to()
    {
        string[] left = ["JournalPath", "PairChecks", "Redact", "CountTokens", "ClassifyFault", "Logger"];
        var changed = new TripletSynthesisOptions
        {
            ModelId = "m",
            Seed = 1,
            MaxConcurrency = 2,
            MaxAttempts = 4,
            MaxConsecutiveRejections = null,
            RequestTimeout = TimeSpan.FromSeconds(1.5),
            MaxRetries = 6,
            RetryDelay = TimeSpan.FromSeconds(7),
            MaxRetryDelay = TimeSpan.FromSeconds(8),
            PromptLibrary = PromptLibrary.Default with { Version = "9", Topics = ["über"] },
            ReplyFormat = ReplyFormat.JsonText,
            InstructionPlacement = InstructionPlacement.User,
            ExemplarsPerRequest = 1,
            OneRequestPerSentence = true,
            SentencesPerRequest = 2,
            PositivesPerSentence = 3,
            NegativesPerSentence = 4,
            Temperature = 0.1f,
            TopP = 0.2f,
            MaxOutputTokens = 5,
            Limits = new() { MaxCost = 1.25m },
            Prices = new(1, 2.5m),
            LogSentences = true,
            Rules = [.. ReplyRules.Default.Skip(1)],
        };
        var client = Writers.Good();
        var loaded = (TripletSynthesisTransformer)Load(Save(Fit(client, changed)));
        loaded.UseChatClient(client, options =>
        {
            foreach (var property in typeof(TripletSynthesisOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => !left.Contains(p.Name)))
            {
                var (expected, actual, fresh) =
                    (property.GetValue(changed), property.GetValue(options), property.GetValue(new TripletSynthesisOptions()));
                if (property.Name != "Rules") Assert.AreNotEqual(Text(fresh), Text(expected), $"the test does not change {property.Name}");
                Assert.AreEqual(Text(expected), Text(actual), property.Name);
            }
            return options;
        });

        static string Text(object? value) => value switch
        {
            IReadOnlyList<IReplyRule> rules => string.Join(',', rules.Select(r => r.Name)),
            _ => System.Text.Json.JsonSerializer.Serialize(value),
        };
    }

    [TestMethod]
    public void Nothing_secret_is_in_the_file()
    {
        const string Key = "sk-planted-0123456789abcdefABCDEF", Word = "swordfish-4711";
        Environment.SetEnvironmentVariable("OPENAI_API_KEY", Key);
        try
        {
            string journal = _folder.New("journal-" + Word);
            using var client = new KeyedClient(Key, Writers.Good());
            using var encoder = TinyEncoder.Load();
            using var model = _ml.Transforms.SynthesizeTriplets("Text", client, options: new()
            {
                JournalPath = journal,
                Redact = s => s + Word.Length,
            })
                .Append(_ml.Transforms.SynCseEmbedding("Features", "Text", "Positive", "Negative",
                    new() { Encoder = encoder, Training = new() { BatchSize = 8 } })).Fit(Source());
            string path = Save(model);
            foreach (string? secret in new[] { Key, Word, "In other words" })
            {
                foreach (var encoding in new[] { TextEncoding.UTF8, TextEncoding.Unicode })
                {
                    byte[] bytes = encoding.GetBytes(secret);
                    Assert.AreEqual(-1, File.ReadAllBytes(path).AsSpan().IndexOf(bytes));
                    foreach (string entry in SavedModel.Entries(path))
                        Assert.AreEqual(-1, SavedModel.Content(path, entry).AsSpan().IndexOf(bytes), $"{secret} in {entry}");
                }
            }
            // The search finds what is there.
            Assert.Contains(entry => SavedModel.Content(path, entry).AsSpan().IndexOf(TextEncoding.UTF8.GetBytes("\"PromptLibrary\"")) >= 0,
                SavedModel.Entries(path));
        }
        finally
        {
            Environment.SetEnvironmentVariable("OPENAI_API_KEY", null);
        }
    }

    [TestMethod]
    public void A_prediction_engine_over_a_chain_loaded_without_a_client_reads_the_vector()
    {
        using var encoder = TinyEncoder.Load();
        var client = Writers.Good();
        using var model = Estimator(client).Append(_ml.Transforms.SynCseEmbedding("Features", "Text", "Positive", "Negative",
            new() { Encoder = encoder, Training = new() { BatchSize = 8 } })).Fit(Source());
        int calls = client.Calls;
        float[][] expected = model.Transform(Source()).GetColumn<float[]>("Features").ToArray();
        var loaded = new MLContext().Model.Load(Save(model), out _);
        using var engine = _ml.Model.CreatePredictionEngine<OrderRow, VectorRow>(loaded);
        for (int i = 0; i < _data.Length; i++) VectorAssert.AreClose(expected[i], engine.Predict(_data[i]).Features);
        Assert.AreEqual(2 * _data.Length, calls);
        Assert.AreEqual(calls, client.Calls);
    }

    [TestMethod]
    public void A_prediction_engine_that_reads_texts_has_each_sentence_written_once()
    {
        var client = Writers.Good();
        var loaded = Load(Save(Fit(Writers.Good())));
        using (var refused = _ml.Model.CreatePredictionEngine<OrderRow, SynthesizedRow>(loaded,
            new PredictionEngineOptions { OwnsTransformer = false }))
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => refused.Predict(_data[0])).Message,
                "a model holds no chat client");
        _ml.Model.UseChatClient(loaded, client);
        using var engine = _ml.Model.CreatePredictionEngine<OrderRow, SynthesizedRow>(loaded);
        foreach (var row in _data.Take(5).Concat(_data.Take(5)))
        {
            var read = engine.Predict(row);
            Assert.AreEqual((FakeRequest.Positive(row.Text), FakeRequest.Negative(row.Text)), (read.Positive, read.Negative));
        }
        Assert.AreEqual(10, client.Calls);
    }

    [TestMethod]
    public void The_names_in_the_format_are_frozen()
    {
        byte[] header = SavedModel.Content(Save(Fit(Writers.Good())), Header);
        Assert.AreEqual("SYNCSETR", TextEncoding.ASCII.GetString(header, 64, 8));
        Assert.AreEqual(0x00010001u, BitConverter.ToUInt32(header, 76));
        Assert.AreEqual("SynCseTripletSynthesis", TextEncoding.ASCII.GetString(header, 80, 24).TrimEnd('\0'));
    }

    [TestMethod]
    public void A_damaged_header_and_a_later_version_are_named()
    {
        string path = Save(Fit(Writers.Good()));
        string damaged = Fails(SavedModel.With(path, Header, SavedModel.FlipABit));
        StringAssert.Contains(damaged, "The header of the SynCse triplet synthesis in");
        StringAssert.Contains(damaged, "is damaged");
        StringAssert.Contains(Fails(SavedModel.With(path, Header, SavedModel.OfALaterVersion)),
            "was saved by a later version of the package SynCse.Synthesis (format 2.3; this one reads up to 1.1)");
        // The checksum holds, but a value is none that can be used.
        StringAssert.Contains(Fails(SavedModel.With(path, Header, h => SavedModel.WithJson(h, "\"MaxAttempts\":3", "\"MaxAttempts\":0"))),
            "is damaged");
    }

    [TestMethod]
    public void Conversion_to_onnx_is_refused_with_what_to_do()
    {
        ITransformer model = Fit(Writers.Good());
        var mapper = model.GetRowToRowMapper(Source().Schema);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => mapper.GetType().GetInterface("ICanSaveOnnx")!
            .GetMethod("CanSaveOnnx", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!
            .Invoke(mapper, BindingFlags.DoNotWrapExceptions, null, [null], null));
        StringAssert.Contains(error.Message, "SynthesizeTriplets");
    }

    private static string[] Asked(FakeChatClient client)
        => [.. client.Requests.Select(r => string.Join('\n', r.Messages.Select(m => m.Text)))];

    private string[] Texts(ITransformer model)
    {
        var view = model.Transform(Source());
        return [.. view.GetColumn<string>("Positive").Zip(view.GetColumn<string>("Negative"), (p, n) => $"{p}|{n}")];
    }

    private IDataView Source() => _ml.Data.LoadFromEnumerable(_data);

    private TripletSynthesisEstimator Estimator(IChatClient client, TripletSynthesisOptions? options = null)
        => _ml.Transforms.SynthesizeTriplets("Text", client, options: options);

    private TripletSynthesisTransformer Fit(IChatClient client, TripletSynthesisOptions? options = null)
    {
        var model = Estimator(client, options).Fit(Source());
        _made.Add(model);
        return model;
    }

    private string Save(ITransformer model)
    {
        string path = _folder.New("model.zip");
        _ml.Model.SaveAtomically(model, Source().Schema, path);
        return path;
    }

    private ITransformer Load(string path)
    {
        var model = new MLContext().Model.Load(path, out _);
        // ML.NET puts a single transformer into a chain when it saves it.
        if (model is IEnumerable<ITransformer> chain && chain.ToArray() is [TripletSynthesisTransformer only]) model = only;
        _made.Add((IDisposable)model);
        return model;
    }

    private string Fails(string path) => Assert.Throws<Exception>(() => _ml.Model.LoadWithDiagnostics(path, out _)).Message;

    /// <summary>A client that knows a key, as real ones do.</summary>
    private sealed class KeyedClient(string key, IChatClient inner) : DelegatingChatClient(inner)
    {
        public string Key => key;
    }
}
