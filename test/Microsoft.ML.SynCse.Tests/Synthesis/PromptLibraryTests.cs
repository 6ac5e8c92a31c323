using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class PromptLibraryTests
{
    private static readonly PromptLibrary Library = PromptLibrary.Default;

    [TestMethod]
    public void The_default_has_prompts_exemplars_genres_and_topics_enough()
    {
        foreach (var role in new[] { Library.Positive, Library.Negative })
        {
            Assert.IsGreaterThanOrEqualTo(6, role.Prompts.Count);
            Assert.IsGreaterThanOrEqualTo(24, role.Exemplars.Count);
            foreach (var prompt in role.Prompts) Assert.IsGreaterThanOrEqualTo(8, role.Exemplars.Count(e => e.Fits.Contains(prompt.Id)), prompt.Id);
            CollectionAssert.AllItemsAreUnique(role.Exemplars.Select(e => e.Sentence).ToArray());
            CollectionAssert.AllItemsAreUnique(role.Exemplars.Select(e => e.Rewrite).ToArray());
            Assert.IsTrue(role.Exemplars.All(e => e.Sentence != e.Rewrite));
        }
        Assert.IsGreaterThanOrEqualTo(20, Library.Genres.Count);
        Assert.IsGreaterThanOrEqualTo(60, Library.Topics.Count);
    }

    [TestMethod]
    public void Exemplars_of_hard_negatives_keep_words_of_their_sentence()
    {
        foreach (var exemplar in Library.Negative.Exemplars.Where(e => e.Sentence.Contains(' ')))
        {
            var words = exemplar.Sentence.ToLowerInvariant().Split([' ', '.', ',', '?'], StringSplitOptions.RemoveEmptyEntries);
            var kept = words.Intersect(exemplar.Rewrite.ToLowerInvariant().Split([' ', '.', ',', '?'], StringSplitOptions.RemoveEmptyEntries)).Count();
            Assert.IsGreaterThanOrEqualTo(0.25, (double)kept / words.Length, exemplar.Id);
        }
    }

    [TestMethod]
    public void A_library_that_is_saved_edited_and_loaded_is_the_edited_one()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (folder.New("a.json"), folder.New("b.json"));
        Library.Save(first);
        PromptLibrary.Load(first).Save(second);
        Assert.AreEqual(File.ReadAllText(first), File.ReadAllText(second));
        File.WriteAllText(first, File.ReadAllText(first).Replace("\"topics\": [", "// mine\n\"topics\": [\"the history of tea\",", StringComparison.Ordinal));
        Assert.AreEqual("the history of tea", PromptLibrary.Load(first).Topics[0]);
        Assert.HasCount(Library.Topics.Count + 1, PromptLibrary.Load(first).Topics);
    }

    [TestMethod]
    public async Task A_changed_copy_is_used_as_it_is()
    {
        var library = Library with
        {
            Positive = new() { Prompts = [new("mine", "Say it like a pirate.")], Exemplars = [new("only", "Hello there, friend.", "Ahoy there, matey.", [])] },
            Negative = new() { Prompts = [new("other", "Say something else.")], Exemplars = [] },
        };
        var client = new FakeChatClient(r => FakeRequest.Json(r.System.Contains("pirate", StringComparison.Ordinal) ? FakeRequest.Positive(r.Sentence!) : FakeRequest.Negative(r.Sentence!)));
        Assert.IsTrue((await Synthesis.RunAsync(client, new() { PromptLibrary = library }, Synthesis.Sentences(3))).All(o => o.Example is not null));
        Assert.IsTrue(client.Requests.All(r => r.Messages.Count == (r.System.Contains("pirate", StringComparison.Ordinal) ? 4 : 2)));
    }

    [TestMethod]
    [DataRow("version", null, "version")]
    [DataRow("frames.single", "no place", "{task}")]
    [DataRow("frames.scratch", "{genre} {topics}", "{count}")]
    [DataRow("positive.prompts", "[]", "positive.prompts")]
    [DataRow("negative.prompts.0.id", " ", "id")]
    [DataRow("negative.prompts.1.id", "change-details", "twice")]
    [DataRow("positive.exemplars.0.rewrite", "", "rewrite")]
    [DataRow("positive.exemplars.0.fits", "[\"nothing\"]", "'nothing'")]
    [DataRow("genres", "[]", "genres")]
    [DataRow("topics.3", "", "topics")]
    [DataRow("surprise", "x", "surprise")]
    public void What_is_wrong_in_a_file_is_named_with_the_file(string path, string? value, string expected)
    {
        using var folder = new TemporaryFolder();
        var file = folder.New("p.json");
        Library.Save(file);
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var parts = path.Split('.');
        var node = root;
        foreach (var part in parts[..^1]) node = int.TryParse(part, out int i) ? node[i]! : node[part]!;
        var replacement = value?.StartsWith('[') == true ? JsonNode.Parse(value) : value is null ? null : JsonValue.Create(value);
        if (int.TryParse(parts[^1], out int index)) node[index] = replacement;
        else node[parts[^1]] = replacement;
        File.WriteAllText(file, root.ToJsonString());
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PromptLibrary.Load(file));
        StringAssert.Contains(error.Message, file);
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    public void A_missing_file_and_one_that_is_no_JSON_are_named()
    {
        using var folder = new TemporaryFolder();
        var file = folder.New("p.json");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => PromptLibrary.Load(file)).Message, file);
        foreach (var content in new[] { "", "no", "null", "{}", "[1]" })
        {
            File.WriteAllText(file, content);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => PromptLibrary.Load(file)).Message, file);
        }
    }
}
