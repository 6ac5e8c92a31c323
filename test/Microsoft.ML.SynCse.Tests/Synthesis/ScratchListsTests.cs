using Microsoft.ML.SynCse.Synthesis.Scratch;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ScratchListsTests
{
    [TestMethod]
    public void Lists_spread_over_all_genres_and_topics_and_depend_on_seed_and_number_alone()
    {
        var lists = new ScratchLists(new(), new());
        var drawn = Enumerable.Range(0, 2000).Select(i => lists[i]).ToArray();
        int genres = PromptLibrary.Default.Genres.Count, topics = PromptLibrary.Default.Topics.Count;
        Assert.HasCount(genres, drawn.Select(l => l.Genre).Distinct());
        Assert.HasCount(topics, drawn.SelectMany(l => l.Topics).Distinct());
        foreach (var (genre, count) in drawn.CountBy(l => l.Genre))
            Assert.IsInRange(0.5, 1.6, (double)count * genres / drawn.Length, genre);
        Assert.IsTrue(drawn.All(l => l.Topics.Distinct().Count() == 3));
        Assert.AreEqual(drawn[17].Topic, new ScratchLists(new(), new())[17].Topic);
        Assert.AreNotEqual(drawn[17].Topic, new ScratchLists(new(), new() { Seed = 7 })[17].Topic);
    }
}
