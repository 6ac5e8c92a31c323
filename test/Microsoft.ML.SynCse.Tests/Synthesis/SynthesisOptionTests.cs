using System.Reflection;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The tables of options know every option.</summary>
[TestClass]
public sealed class SynthesisOptionTests
{
    // The sentence that Redact returns is in the key of an outcome; the model's name stands for ModelId, which Field options come after.
    private static readonly string[] _keyed
        = ["ModelId", "PromptLibrary", "InstructionPlacement", "Rules", "PairChecks"];

    [TestMethod]
    public void The_tables_hold_every_public_property_and_nothing_else()
    {
        CollectionAssert.AreEquivalent(Properties<TripletSynthesisOptions>(), SynthesisOptions.Triplets.Select(o => o.Name).ToArray());
        CollectionAssert.AreEquivalent(Properties<ScratchSynthesisOptions>(), SynthesisOptions.Scratch.Select(o => o.Name).ToArray());
    }

    [TestMethod]
    public void Every_entry_reads_and_changes_the_property_of_its_name()
    {
        Check(SynthesisOptions.Triplets, new TripletSynthesisOptions());
        Check(SynthesisOptions.Scratch, new ScratchSynthesisOptions());

        static void Check<T>(IReadOnlyList<SynthesisOption<T>> table, T options)
        {
            foreach (var option in table)
            {
                var property = typeof(T).GetProperty(option.Name)!;
                Assert.AreEqual(property.GetValue(options), option.Of(options), option.Name);
                object? other = Other(property, property.GetValue(options));
                var changed = option.With(options, other);
                Assert.AreEqual(other, property.GetValue(changed), option.Name);
                foreach (var rest in table.Where(o => o != option))
                    Assert.AreEqual(rest.Of(options), rest.Of(changed), $"{option.Name} changes {rest.Name}");
            }
        }
    }

    [TestMethod]
    public void The_fingerprint_changes_with_the_options_that_change_texts_and_no_other()
    {
        var options = new TripletSynthesisOptions();
        string before = Convert.ToHexString(OptionsFingerprint.Of(options, null));
        foreach (var option in SynthesisOptions.Triplets)
        {
            var property = typeof(TripletSynthesisOptions).GetProperty(option.Name)!;
            var changed = option.With(options, Other(property, property.GetValue(options)));
            string after = Convert.ToHexString(OptionsFingerprint.Of(changed, changed.ModelId));
            Assert.AreEqual(option.Fingerprint != FingerprintPart.None, before != after, option.Name);
        }
        CollectionAssert.AreEquivalent(_keyed,
            SynthesisOptions.Triplets.Where(o => o.Fingerprint == FingerprintPart.Own).Select(o => o.Name).ToArray());
    }

    [TestMethod]
    public void An_error_names_the_option_and_its_range()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TripletSynthesisOptions { TopP = 0 }.Validate());
        StringAssert.StartsWith(error.Message, "TripletSynthesisOptions.TopP must be null or over 0 and at most 1.");
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ScratchSynthesisOptions { MinYield = 2 }.Validate());
        StringAssert.StartsWith(error.Message, "ScratchSynthesisOptions.MinYield must be from 0 to 1.");
    }

    [TestMethod]
    public async Task Options_of_triplets_that_a_synthesizer_would_not_read_are_an_error()
    {
        await using var synthesizer = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer()));
        var options = new ScratchSynthesisOptions { Triplets = new() { Seed = 1 } };
        var error = Assert.ThrowsExactly<ArgumentException>(() => synthesizer.SynthesizeFromScratchAsync(1, options));
        StringAssert.Contains(error.Message, "ScratchSynthesisOptions.Triplets is not read by a TripletSynthesizer");
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => synthesizer.EstimateFromScratchAsync(1, options));
    }

    [TestMethod]
    public void Records_with_lists_are_compared_by_their_values()
    {
        Assert.AreEqual(new ScratchSynthesisOptions { Genres = ["a", "b"] }, new ScratchSynthesisOptions { Genres = ["a", "b"] });
        Assert.AreNotEqual(new ScratchSynthesisOptions { Genres = ["a", "b"] }, new ScratchSynthesisOptions { Genres = ["b", "a"] });
        var library = PromptLibrary.Default;
        Assert.AreEqual(library with { Topics = ["x"] }, library with { Topics = new List<string> { "x" } });
        Assert.AreEqual(Outcome(0.5), Outcome(0.5));
        Assert.AreEqual(Outcome(0.5).GetHashCode(), Outcome(0.5).GetHashCode());
        Assert.AreNotEqual(Outcome(0.5), Outcome(0.25));

        static SynthesisOutcome Outcome(double score) => new()
        {
            Anchor = "a",
            Example = new("a", "p", "n"),
            Scores = new Dictionary<string, double> { ["x"] = score },
            Attempts = 1,
            FromJournal = false,
            InputTokens = 2,
            OutputTokens = 3,
        };
    }

    private static string[] Properties<T>()
        => [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name)];

    private static object? Other(PropertyInfo property, object? value) => (property.Name, value) switch
    {
        ("ModelId" or "JournalPath", _) => "other",
        ("MaxOutputTokens", _) => 7,
        ("Temperature" or "TopP", _) => 0.5f,
        ("Triplets", _) => new TripletSynthesisOptions { Seed = 5 },
        ("Genres" or "Topics", _) => ValueList<string>.Of(["x"]),
        ("Rules", _) => ValueList<IReplyRule>.Of([ReplyRules.Length()]),
        ("PairChecks", _) => ValueList<IPairCheck>.Of([new JudgeCheck()]),
        ("PromptLibrary", PromptLibrary library) => library with { Version = "other" },
        ("Limits", _) => new SynthesisLimits { MaxRequests = 1 },
        ("Prices", _) => new TokenPrices(1, 2),
        ("Redact", _) => (Func<string, string?>)(s => s),
        ("CountTokens", _) => (Func<string, int>)(s => s.Length),
        ("ClassifyFault", _) => (Func<Exception, SynthesisFault?>)(_ => null),
        ("Logger", _) => Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
        (_, int number) => number + 1,
        (_, double number) => number / 2,
        (_, bool flag) => !flag,
        (_, TimeSpan time) => time * 2,
        (_, ReplyFormat) => ReplyFormat.JsonText,
        (_, InstructionPlacement) => InstructionPlacement.User,
        _ => throw new AssertFailedException($"the test has no other value for {property.Name}"),
    };
}
