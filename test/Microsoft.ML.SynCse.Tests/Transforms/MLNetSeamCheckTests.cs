using System.Reflection;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class MLNetSeamCheckTests
{
    private static readonly Module Product = typeof(SentenceEncoder).Module;

    [TestMethod]
    public void The_Microsoft_ML_that_is_referenced_has_everything()
    {
        Assert.IsEmpty(MLNetSeamCheck.FindMissing(Product));
        MLNetSeamCheck.EnsureCompatible();
    }

    [TestMethod]
    public void It_looks_at_every_type_and_member_of_MLNet_that_the_seam_uses()
    {
        var used = MLNetSeamCheck.FindMissing(Product, _ => throw new MissingMethodException());
        foreach (var name in new[]
        {
            "ModelLoadContext", "ModelLoadContext.TryLoadBinaryStream", "ModelSaveContext.SaveBinaryStream", "ModelSaveContext.SetVersionInfo", "VersionInfo..ctor", "LoadableClassAttribute..ctor",
            "SchemaShape.Column..ctor", "CatalogUtils.GetEnvironment", "RowToRowTransformerBase..ctor", "RowToRowTransformerBase.MapperBase..ctor", "RootCursorBase..ctor", "CacheDataView..ctor",
            "IHostEnvironmentInternal.get_GpuDeviceId", "ITransformCanSaveOnnx", "ITransformerWithDifferentMappingAtTrainingTime", "SynCseEmbeddingTransformer", "LookAheadCursor",
        })
            CollectionAssert.Contains(used.ToArray(), name);
    }

    [TestMethod]
    public void A_member_that_is_gone_is_named_with_what_to_reference()
    {
        var missing = MLNetSeamCheck.FindMissing(Product, token =>
        {
            if (Product.ResolveMember(token) is MethodInfo { Name: "SaveBinaryStream" }) throw new MissingMethodException();
        });
        CollectionAssert.AreEqual(new[] { "ModelSaveContext.SaveBinaryStream" }, missing.ToArray());
        string message = MLNetSeamCheck.Explain(missing)!;
        StringAssert.Contains(message, "Microsoft.ML 5.");
        StringAssert.Contains(message, "has moved parts that this Microsoft.ML.SynCse was built on: ModelSaveContext.SaveBinaryStream.");
        StringAssert.Contains(message, "Reference Microsoft.ML 5.0.1, or update Microsoft.ML.SynCse");
    }

    [TestMethod]
    public void Nothing_missing_is_nothing_to_say() => Assert.IsNull(MLNetSeamCheck.Explain([]));
}
