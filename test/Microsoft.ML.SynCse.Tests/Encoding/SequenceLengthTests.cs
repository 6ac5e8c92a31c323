namespace Microsoft.ML.SynCse.Tests;

/// <summary>Where a folder says at how many tokens a text is cut, and in which forms.</summary>
[TestClass]
public sealed class SequenceLengthTests
{
    private const int Positions = 40;
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("sentence_bert_config.json")]
    [DataRow("sentence_roberta_config.json")]
    [DataRow("sentence_distilbert_config.json")]
    [DataRow("sentence_camembert_config.json")]
    [DataRow("sentence_albert_config.json")]
    [DataRow("sentence_xlm-roberta_config.json")]
    [DataRow("sentence_xlnet_config.json")]
    public void Each_name_of_the_file_counts(string name)
    {
        using var encoder = Load(name, """{"max_seq_length": 9, "do_lower_case": false}""");
        Assert.AreEqual(9, encoder.MaxSequenceLength);
        Assert.HasCount(9, encoder.Tokenize("my dog is late and your cat was not late that day"));
    }

    [TestMethod]
    public void The_first_of_several_files_counts_alone()
    {
        string folder = Folder();
        File.WriteAllText(Path.Combine(folder, "sentence_xlnet_config.json"), """{"max_seq_length": 9}""");
        File.WriteAllText(Path.Combine(folder, "sentence_roberta_config.json"), """{"max_seq_length": 11}""");
        using var encoder = SentenceEncoder.Load(folder);
        Assert.AreEqual(11, encoder.MaxSequenceLength);
    }

    [TestMethod]
    [DataRow("""{"max_seq_length": 12}""", 12)]
    [DataRow("""{"max_seq_length": 12.0}""", 12)]
    [DataRow("""{"max_seq_length": 1.2e1}""", 12)]
    [DataRow("""{"max_seq_length": "12"}""", 12)]
    [DataRow("""{"max_seq_length": "12.0"}""", 12)]
    [DataRow("""{"max_seq_length": 3}""", 3)]
    [DataRow("""{"max_seq_length": 41}""", Positions)]
    [DataRow("""{"max_seq_length": 1e30}""", Positions)]
    [DataRow("""{"max_seq_length": null}""", Positions)]
    [DataRow("""{"do_lower_case": false}""", Positions)]
    [DataRow("""{"max_seq_length": 30, "processing_kwargs": {"text": {"max_length": 12}}}""", 12)]
    [DataRow("""{"processing_kwargs": {"common": {"max_length": 20}, "text": {"max_length": "12", "padding": true}}}""", 12)]
    [DataRow("""{"processing_kwargs": {"common": {"max_length": 12, "truncation": true}, "text": {"truncation": "longest_first"}}}""", 12)]
    [DataRow("""{"max_seq_length": 12, "processing_kwargs": {"text": {}}}""", 12)]
    public void A_number_counts_in_every_form(string json, int expected)
    {
        using var encoder = Load("sentence_bert_config.json", json);
        Assert.AreEqual(expected, encoder.MaxSequenceLength);
    }

    [TestMethod]
    [DataRow("""{"max_seq_length": 0}""", "max_seq_length is 0")]
    [DataRow("""{"max_seq_length": -1}""", "max_seq_length is -1")]
    [DataRow("""{"max_seq_length": "0"}""", "max_seq_length is \"0\"")]
    [DataRow("""{"max_seq_length": 12.5}""", "max_seq_length is 12.5")]
    [DataRow("""{"max_seq_length": "twelve"}""", "max_seq_length is \"twelve\"")]
    [DataRow("""{"max_seq_length": ""}""", "max_seq_length is")]
    [DataRow("""{"max_seq_length": true}""", "max_seq_length is true")]
    [DataRow("""{"max_seq_length": [12]}""", "max_seq_length is [12]")]
    [DataRow("""{"max_seq_length": 2}""", "max_seq_length is 2, which leaves no room")]
    [DataRow("""{"processing_kwargs": {"text": {"max_length": 0}}}""", "processing_kwargs.text.max_length is 0")]
    [DataRow("""{"processing_kwargs": {"text": {"max_length": -1}}}""", "processing_kwargs.text.max_length is -1")]
    public void A_number_of_which_nothing_can_be_made_is_named(string json, string message)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Load("sentence_bert_config.json", json).Dispose());
        StringAssert.Contains(error.Message, "sentence_bert_config.json");
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    [DataRow("\"model_max_length\": 12", 12)]
    [DataRow("\"model_max_length\": \"12\"", 12)]
    [DataRow("\"model_max_length\": 12.0", 12)]
    [DataRow("\"max_len\": 12", 12)]
    [DataRow("\"max_len\": 9, \"model_max_length\": 12", 12)]
    [DataRow("\"max_len\": 12, \"model_max_length\": null", 12)]
    [DataRow("\"model_max_length\": 1000000000000000019884624838656", Positions)]
    [DataRow("\"model_max_length\": 1e30", Positions)]
    public void The_tokenizer_says_it_where_nobody_else_does(string field, int expected)
    {
        using var encoder = Load("tokenizer_config.json", $$"""{"tokenizer_class": "BertTokenizer", {{field}}}""");
        Assert.AreEqual(expected, encoder.MaxSequenceLength);
    }

    [TestMethod]
    [DataRow("\"model_max_length\": 0", "model_max_length is 0")]
    [DataRow("\"model_max_length\": -1", "model_max_length is -1")]
    [DataRow("\"max_len\": 0", "max_len is 0")]
    public void So_is_the_tokenizers(string field, string message)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => Load("tokenizer_config.json", $$"""{"tokenizer_class": "BertTokenizer", {{field}}}""").Dispose());
        StringAssert.Contains(error.Message, "tokenizer_config.json");
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    public void The_option_goes_before_all_files()
    {
        string folder = Folder();
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"tokenizer_class": "BertTokenizer", "model_max_length": 0}""");
        using var encoder = SentenceEncoder.Load(folder, new SentenceEncoderOptions { MaxSequenceLength = 10 });
        Assert.AreEqual(10, encoder.MaxSequenceLength);
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void The_case_of_another_name_gives_the_right_ids()
    {
        using var encoder = SentenceEncoder.Load(SharedCase.Folder(_temporary, "k7-sentence-camembert-config"));
        Assert.AreEqual(16, encoder.MaxSequenceLength);
        int[] expected = [2, 540, 609, 980, 826, 1286, 1188, 384, 192, 281, 45, 429, 54, 456, 448, 3];
        CollectionAssert.AreEqual(expected, encoder.Tokenize(SharedCase.Text("k7-sentence-camembert-config")).ToArray());
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void The_case_of_zero_is_named()
    {
        string folder = SharedCase.Folder(_temporary, "k7-max-seq-length-zero");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder));
        StringAssert.Contains(error.Message, "'sentence_bert_config.json'");
        StringAssert.Contains(error.Message, "max_seq_length is 0");
    }

    private SentenceEncoder Load(string file, string json)
    {
        string folder = Folder();
        File.WriteAllText(Path.Combine(folder, file), json);
        return SentenceEncoder.Load(folder);
    }

    private string Folder() => TinyEncoder.WriteFolder(_temporary, normalize: true);
}
