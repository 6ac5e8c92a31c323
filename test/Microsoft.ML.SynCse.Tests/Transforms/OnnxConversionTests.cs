using System.Reflection;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The package feed of the build lacks Microsoft.ML.OnnxConverter, so these ask what it asks: it walks from a chain's last view to the source.</summary>
[TestClass]
public sealed class OnnxConversionTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    [TestMethod]
    public void The_walk_through_a_chain_meets_one_error_that_names_ExportOnnx()
    {
        var ml = new MLContext();
        using var encoder = TinyEncoder.Load();
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(4));
        var view = ml.Transforms.CopyColumns("Copy", "Anchor").Append(ml.Transforms.ApplySentenceEncoder("Features", "Copy", encoder)).Append(ml.Transforms.CopyColumns("Vector", "Features"))
            .Fit(data).Transform(data);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => Walk(view));
        StringAssert.Contains(error.Message, "SentenceEncoder.ExportOnnx");
    }

    [TestMethod]
    public void A_single_row_mapper_meets_the_same_error()
    {
        var ml = new MLContext();
        using var encoder = TinyEncoder.Load();
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(4));
        ITransformer model = ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => CanSaveOnnx(model.GetRowToRowMapper(data.Schema)));
        StringAssert.Contains(error.Message, "SentenceEncoder.ExportOnnx");
    }

    private static void Walk(IDataView view)
    {
        while (Interface(view, "IDataTransform") is { } transform)
        {
            if (Interface(view, "ITransformCanSaveOnnx") is null || !CanSaveOnnx(view)) Assert.Fail($"the walk stopped at {view.GetType().Name}: what lies before it would be left out");
            view = (IDataView)transform.GetProperty("Source", All)!.GetValue(view)!;
        }
        Assert.Fail("the walk reached the source");
    }

    private static bool CanSaveOnnx(object view) => (bool)Interface(view, "ICanSaveOnnx")!.GetMethod("CanSaveOnnx", All)!.Invoke(view, BindingFlags.DoNotWrapExceptions, null, [null], null)!;

    private static Type? Interface(object view, string name) => view.GetType().GetInterface(name);
}
