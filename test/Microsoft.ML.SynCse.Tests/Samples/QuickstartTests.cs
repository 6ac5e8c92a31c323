using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed partial class QuickstartTests
{
    [TestMethod]
    public async Task Without_arguments_the_program_tunes_compares_saves_and_searches_in_a_second_process()
    {
        using var folder = new TemporaryFolder();
        var run = await SampleProcess.SucceedAsync(folder);

        var spearman = SpearmanRow().Match(run.Output);
        Assert.IsTrue(spearman.Success, run.Output);
        double before = Number(spearman.Groups[1]), after = Number(spearman.Groups[2]);
        Assert.AreEqual(0.555, before, 0.005);
        Assert.IsGreaterThan(before + 0.02, after);

        var second = SecondProcess().Match(run.Output);
        Assert.IsTrue(second.Success, run.Output);
        Assert.AreNotEqual(run.Id, int.Parse(second.Groups[1].Value, CultureInfo.InvariantCulture));
        StringAssert.Contains(run.Output, "where is my parcel");

        using var encoder = SentenceEncoder.Load(Path.Combine(folder.Root, "syncse-quickstart.zip"));
        Assert.AreEqual(256, encoder.Dimensions);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Root));
    }

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"100 scored pairs: Spearman correlation\s*│\s*(-?[\d.]+)\s*│\s*(-?[\d.]+)")]
    private static partial Regex SpearmanRow();

    [GeneratedRegex(@"Process (\d+): syncse-quickstart.zip loaded, 8 queries")]
    private static partial Regex SecondProcess();
}
