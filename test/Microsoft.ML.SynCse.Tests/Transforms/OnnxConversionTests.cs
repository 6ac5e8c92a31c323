using System.Reflection;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The package feed of the build lacks Microsoft.ML.OnnxConverter, so these ask what it asks: it walks from a chain's last view to
/// the source.</summary>
[TestClass]
public sealed class OnnxConversionTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    [TestMethod]
    public void The_walk_through_a_chain_meets_one_error_that_says_what_can_be_converted()
    {
        var ml = new MLContext();
        using var encoder = TinyEncoder.Load();
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(4));
        var view = ml.Transforms.CopyColumns("Copy", "Anchor").Append(ml.Transforms.ApplySentenceEncoder("Features", "Copy", encoder))
            .Append(ml.Transforms.CopyColumns("Vector", "Features"))
            .Fit(data).Transform(data);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => Walk(view));
        StringAssert.Contains(error.Message, "on a data view that holds the vectors: one that is cached (mlContext.Data.Cache), or saved");
        Assert.DoesNotContain("ExportOnnx", error.Message);
    }

    [TestMethod]
    public void A_single_row_mapper_meets_the_same_error()
    {
        var ml = new MLContext();
        using var encoder = TinyEncoder.Load();
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(4));
        ITransformer model = ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => CanSaveOnnx(model.GetRowToRowMapper(data.Schema)));
        StringAssert.Contains(error.Message, "on a data view that holds the vectors: one that is cached (mlContext.Data.Cache), or saved");
        Assert.DoesNotContain("ExportOnnx", error.Message);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void What_it_advises_is_a_view_at_which_the_walk_ends(bool saved)
    {
        var ml = new MLContext();
        using var encoder = TinyEncoder.Load();
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(4));
        var vectors = ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data).Transform(data);
        using var folder = new TemporaryFolder();
        string path = folder.New("vectors.idv");
        if (saved)
        {
            using var stream = File.Create(path);
            ml.Data.SaveAsBinary(vectors, stream);
        }
        var held = saved ? ml.Data.LoadFromBinary(path) : ml.Data.Cache(vectors);
        Assert.AreSame(held, SourceOf(ml.Transforms.NormalizeMinMax("Features").Fit(held).Transform(held)));
    }

    private static void Walk(IDataView view) => Assert.Fail($"the walk reached {SourceOf(view).GetType().Name}");

    private static IDataView SourceOf(IDataView view)
    {
        while (Interface(view, "IDataTransform") is { } transform)
        {
            if (Interface(view, "ITransformCanSaveOnnx") is null || !CanSaveOnnx(view)) Assert.Fail(
                $"the walk stopped at {view.GetType().Name}: what lies before it would be left out");
            view = (IDataView)transform.GetProperty("Source", All)!.GetValue(view)!;
        }
        return view;
    }

    private static bool CanSaveOnnx(object view)
        => (bool)Interface(view, "ICanSaveOnnx")!.GetMethod("CanSaveOnnx", All)!.Invoke(
        view, BindingFlags.DoNotWrapExceptions, null, [null], null)!;

    private static Type? Interface(object view, string name) => view.GetType().GetInterface(name);
}
