using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class PromptLibraryTests
{
    private const string Question = "?？؟";
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public void The_default_library_is_large_enough()
    {
        var library = PromptLibrary.Default;
        foreach (var role in Roles(library))
        {
            Assert.IsGreaterThanOrEqualTo(6, role.Prompts.Count);
            Assert.IsGreaterThanOrEqualTo(36, role.Exemplars.Count);
        }
        Assert.IsGreaterThanOrEqualTo(20, library.Genres.Count);
        Assert.IsGreaterThanOrEqualTo(60, library.Topics.Count);
        Assert.AreSame(library, PromptLibrary.Default);
    }

    [TestMethod]
    public void Every_default_prompt_is_shown_by_eight_exemplars_or_more()
    {
        foreach (var role in Roles(PromptLibrary.Default))
        {
            foreach (var prompt in role.Prompts)
                Assert.IsGreaterThanOrEqualTo(8, role.Exemplars.Count(e => e.Fits.Contains(prompt.Id)), prompt.Id);
            Assert.IsEmpty(role.Exemplars.Where(e => e.Fits.Count == 0));
        }
    }

    [TestMethod]
    public void The_ids_of_the_default_library_are_words_with_hyphens()
    {
        foreach (var role in Roles(PromptLibrary.Default))
        {
            foreach (string? id in role.Prompts.Select(p => p.Id).Concat(role.Exemplars.Select(e => e.Id)))
                Assert.IsTrue(Regex.IsMatch(id, "^[a-z0-9]+(-[a-z0-9]+)*$"), id);
        }
    }

    [TestMethod]
    public void No_default_exemplar_repeats_itself_or_another()
    {
        foreach (var role in Roles(PromptLibrary.Default))
        {
            var texts = role.Exemplars.SelectMany(e => new[] { Bare(e.Sentence), Bare(e.Rewrite) });
            Assert.AreEqual("", string.Join('\n', texts.GroupBy(t => t).Where(g => g.Count() > 1).Select(g => g.Key)));
        }
    }

    [TestMethod]
    public void Default_exemplars_rewrite_a_question_as_a_question_and_nothing_else_as_one()
    {
        foreach (var exemplar in Roles(PromptLibrary.Default).SelectMany(r => r.Exemplars))
            Assert.AreEqual(Question.Contains(exemplar.Sentence[^1]), Question.Contains(exemplar.Rewrite[^1]), exemplar.Id);
    }

    [TestMethod]
    public void Default_exemplars_of_the_concise_prompt_shorten_and_those_of_the_fuller_prompt_lengthen()
    {
        var exemplars = PromptLibrary.Default.Positive.Exemplars;
        Assert.IsEmpty(exemplars.Where(e => e.Fits.Contains("concise") && e.Rewrite.Length >= e.Sentence.Length));
        Assert.IsEmpty(exemplars.Where(e => e.Fits.Contains("fuller") && e.Rewrite.Length <= e.Sentence.Length));
    }

    [TestMethod]
    public void Default_negatives_keep_many_of_the_words_where_spaces_divide_words()
    {
        foreach (var exemplar in PromptLibrary.Default.Negative.Exemplars.Where(e => e.Sentence.Contains(' ')))
        {
            var (sentence, rewrite) = (Words(exemplar.Sentence), Words(exemplar.Rewrite));
            double kept = sentence.Intersect(rewrite).Count() / (double)Math.Min(sentence.Count, rewrite.Count);
            Assert.IsGreaterThanOrEqualTo(0.4, kept, exemplar.Id);
        }
    }

    [TestMethod]
    public void A_fair_part_of_the_default_exemplars_is_not_English()
    {
        foreach (var role in Roles(PromptLibrary.Default))
        {
            int writtenOtherwise = role.Exemplars.Count(e => e.Sentence.Any(c => c > 'ɏ' && char.IsLetter(c)));
            Assert.IsGreaterThanOrEqualTo(4, writtenOtherwise);
            Assert.IsEmpty(role.Exemplars.Where(e => IsLatin(e.Sentence) != IsLatin(e.Rewrite)));
        }
    }

    [TestMethod]
    public void What_is_saved_loads_again_as_it_was()
    {
        var (first, second) = (_temporary.New("first.json"), _temporary.New("second.json"));
        PromptLibrary.Default.Save(first);
        PromptLibrary.Load(first).Save(second);
        Assert.AreEqual(File.ReadAllText(first), File.ReadAllText(second));
        Assert.IsTrue(JsonNode.DeepEquals(JsonNode.Parse(EmbeddedJson()), JsonNode.Parse(File.ReadAllText(second))));
    }

    [TestMethod]
    public void A_saved_library_is_for_people_to_read()
    {
        string file = _temporary.New("prompts.json");
        PromptLibrary.Default.Save(file);
        string text = File.ReadAllText(file);
        StringAssert.Contains(text, "außer Betrieb");
        StringAssert.Contains(text, "新宿");
        StringAssert.Contains(text, "I don't think");
        Assert.IsFalse(Regex.IsMatch(text, @"\\u[0-9A-Fa-f]{4}"));
    }

    [TestMethod]
    public void A_part_can_be_replaced_and_saved()
    {
        var house = new SynthesisExemplar("house", "The house is old.", "The house was built long ago.", []);
        var library = PromptLibrary.Default with
        {
            Positive = new RolePrompts { Prompts = [new("mine", "Say it otherwise.")], Exemplars = [house] },
            Topics = ["houses"],
        };
        string file = _temporary.New("prompts.json");
        library.Save(file);
        var loaded = PromptLibrary.Load(file);
        Assert.AreEqual(new SynthesisPrompt("mine", "Say it otherwise."), loaded.Of(SynthesisRole.Positive).Prompts.Single());
        Assert.AreEqual(house.Rewrite, loaded.Positive.Exemplars.Single().Rewrite);
        Assert.AreEqual("houses", loaded.Topics.Single());
        Assert.AreEqual(PromptLibrary.Default.Frames, loaded.Frames);
        Assert.HasCount(PromptLibrary.Default.Negative.Exemplars.Count, loaded.Of(SynthesisRole.Negative).Exemplars);
        Assert.AreNotEqual("houses", PromptLibrary.Default.Topics[0]);
    }

    [TestMethod]
    public void An_exemplar_without_fits_fits_every_prompt()
    {
        var library = PromptLibrary.Load(Damaged(root => root["negative"]!["exemplars"]![0]!.AsObject().Remove("fits")));
        Assert.IsEmpty(library.Negative.Exemplars[0].Fits);
    }

    [TestMethod]
    public void Comments_and_trailing_commas_are_allowed()
    {
        string file = _temporary.New("prompts.json");
        File.WriteAllText(file, EmbeddedJson().Replace("\"version\": \"1\"", "/* ours */ \"version\": \"house\"").TrimEnd()[..^1] + ", }");
        Assert.AreEqual("house", PromptLibrary.Load(file).Version);
    }

    [TestMethod]
    [DataRow("single", "{task}")]
    [DataRow("several", "{parts}")]
    [DataRow("positivePart", "{count}")]
    [DataRow("positivePart", "{task}")]
    [DataRow("negativePart", "{count}")]
    [DataRow("negativePart", "{task}")]
    [DataRow("scratch", "{count}")]
    [DataRow("scratch", "{genre}")]
    [DataRow("scratch", "{topics}")]
    [DataRow("jsonText", "{example}")]
    public void A_frame_without_a_place_is_refused(string frame, string place)
        => Refused(root => root["frames"]![frame] = root["frames"]![frame]!.GetValue<string>().Replace(place, "it"),
            $"'frames.{frame}' lacks {place}");

    [TestMethod]
    [DataRow("version")]
    [DataRow("frames")]
    [DataRow("positive")]
    [DataRow("negative")]
    [DataRow("genres")]
    [DataRow("topics")]
    public void A_part_that_is_left_out_or_null_is_named(string part)
    {
        Refused(root => root.AsObject().Remove(part), $"'{part}'");
        Refused(root => root[part] = null, $"'{part}'");
    }

    [TestMethod]
    public void An_unknown_field_is_refused()
    {
        Refused(root => root["genre"] = new JsonArray("news"), "'genre'");
        Refused(root => root["frames"]!["double"] = "{task}", "'double'");
        Refused(root => root["positive"]!["exemplars"]![0]!["fit"] = new JsonArray(), "'fit'");
    }

    [TestMethod]
    public void An_id_that_is_used_twice_is_refused()
    {
        Refused(root => root["negative"]!["prompts"]!.AsArray().Add(root["negative"]!["prompts"]![0]!.DeepClone()),
            "'negative.prompts' holds 'change-details' twice");
        Refused(root => root["positive"]!["exemplars"]![1]!["id"] = "late-train", "'positive.exemplars' holds 'late-train' twice");
        Refused(root => root["topics"]!.AsArray().Add("football"), "'topics' holds 'football' twice");
    }

    [TestMethod]
    public void An_exemplar_of_an_unknown_prompt_is_refused()
        => Refused(root => root["positive"]!["exemplars"]![0]!["fits"]!.AsArray().Add("small-edit"),
            "'positive.exemplars' 'late-train' fits the prompt 'small-edit'");

    [TestMethod]
    public void An_empty_text_is_refused()
    {
        Refused(root => root["frames"]!["judge"] = " ", "'frames.judge'");
        Refused(root => root["positive"]!["prompts"]![0]!["text"] = "", "positive.prompts 'paraphrase'");
        Refused(root => root["negative"]!["exemplars"]![0]!["rewrite"] = "", "negative.exemplars 'island-ferry'");
        Refused(root => root["negative"]!["prompts"] = new JsonArray(), "'negative.prompts'");
        Refused(root => root["genres"]!.AsArray().Add(""), "genres");
    }

    [TestMethod]
    public void What_is_not_JSON_is_refused()
    {
        string whole = EmbeddedJson();
        foreach (string? text in new[] { "", "{", "null", "[]", "prompts", whole[..(whole.Length / 2)], whole + "x" })
        {
            string file = _temporary.New("prompts.json");
            File.WriteAllText(file, text);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => PromptLibrary.Load(file)).Message, file);
        }
    }

    [TestMethod]
    public void A_place_of_damage_is_told_by_path_and_line()
    {
        var error = Refused(root => root["positive"]!["prompts"]![0]!["text"] = 7, "$.positive.prompts[0].text");
        StringAssert.Contains(error.Message, "LineNumber");
    }

    [TestMethod]
    public void A_file_that_is_no_UTF_8_is_named_with_the_line()
    {
        string file = _temporary.New("prompts.json");
        var (before, after) = ("{\n", EmbeddedJson()[1..]);
        File.WriteAllBytes(file, [.. Encoding.UTF8.GetBytes(before + "\"notes\": \""), 0xFC, .. Encoding.UTF8.GetBytes("\"," + after)]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PromptLibrary.Load(file));
        StringAssert.Contains(error.Message, $"Line 2 of '{file}' is no UTF-8 text");
    }

    [TestMethod]
    public void A_file_that_is_not_there_is_named()
    {
        string file = _temporary.New("prompts.json");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => PromptLibrary.Load(file));
        StringAssert.Contains(error.Message, file);
        Assert.AreEqual(file, error.FileName);
    }

    private static RolePrompts[] Roles(PromptLibrary library) => [library.Positive, library.Negative];

    private static string Bare(string text)
        => string.Concat(text.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Where(char.IsLetterOrDigit));

    private static HashSet<string> Words(string text) => [.. Regex.Matches(text.ToLowerInvariant(), @"\w+").Select(m => m.Value)];

    private static bool IsLatin(string text) => text.Where(char.IsLetter).All(c => c <= 'ɏ');

    private static string EmbeddedJson()
    {
        using var reader = new StreamReader(typeof(PromptLibrary).Assembly.GetManifestResourceStream("Synthesis/prompts.json")!);
        return reader.ReadToEnd();
    }

    private string Damaged(Action<JsonNode> damage)
    {
        var root = JsonNode.Parse(EmbeddedJson())!;
        damage(root);
        string file = _temporary.New("prompts.json");
        File.WriteAllText(file, root.ToJsonString());
        return file;
    }

    private InvalidDataException Refused(Action<JsonNode> damage, string part)
    {
        string file = Damaged(damage);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PromptLibrary.Load(file));
        StringAssert.Contains(error.Message, file);
        StringAssert.Contains(error.Message, part);
        return error;
    }
}
