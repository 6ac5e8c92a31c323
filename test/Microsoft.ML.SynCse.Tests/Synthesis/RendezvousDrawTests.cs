using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class RendezvousDrawTests
{
    private static readonly string[] _names = [.. Enumerable.Range(0, 6).Select(i => $"prompt-{i}")];

    [TestMethod]
    public void Each_name_gets_about_its_share()
    {
        var draw = new RendezvousDraw(_names);
        var counts = Enumerable.Range(0, 6000).CountBy(key => draw.Draw(42, key, 1)[0]).ToDictionary();
        Assert.HasCount(6, counts);
        foreach (var (_, count) in counts) Assert.IsInRange(850, 1150, count);
    }

    [TestMethod]
    public void A_name_added_moves_only_its_own_share()
    {
        var (before, after) = (new RendezvousDraw(_names), new RendezvousDraw([.. _names, "another"]));
        int moved = 0;
        for (int key = 0; key < 7000; key++)
        {
            int now = after.Draw(42, key, 1)[0];
            if (now == 6) moved++;
            else Assert.AreEqual(before.Draw(42, key, 1)[0], now);
        }
        Assert.IsInRange(850, 1150, moved);
    }

    [TestMethod]
    public void Several_are_all_different_in_an_order_that_the_key_decides()
    {
        var draw = new RendezvousDraw(_names);
        Assert.HasCount(6, draw.Draw(42, 7, 10).Distinct());
        CollectionAssert.AreEqual(draw.Draw(42, 7, 6)[..3], draw.Draw(42, 7, 3));
        Assert.AreEqual(draw.Draw(42, 7, 3)[0], draw.Draw(42, 7, 1)[0]);
        Assert.IsGreaterThan(50, Enumerable.Range(0, 100).Select(key => string.Join(',', draw.Draw(42, key, 3))).Distinct().Count());
        Assert.IsEmpty(new RendezvousDraw([]).Draw(42, 7, 3));
    }
}
