using System.Reflection;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class MLNetCompatibilityTests
{
    private static readonly Module _core = typeof(TextEncoder).Module, _synthesis = typeof(TripletSynthesizer).Module,
        _product = typeof(SentenceEncoder).Module, _onnx = typeof(OnnxSentenceEncoder).Module;

    [TestMethod]
    public void The_Microsoft_ML_that_is_referenced_has_everything()
    {
        foreach (var module in new[] { _core, _synthesis, _product, _onnx }) Assert.IsEmpty(MLNetCompatibility.FindMissing(module));
        MLNetCompatibility.EnsureCompatible();
    }

    [TestMethod]
    public void It_looks_at_every_type_and_member_of_MLNet_that_the_seam_uses()
    {
        string[] used = [.. new[] { _core, _synthesis, _product, _onnx }.SelectMany(
            module => MLNetCompatibility.FindMissing(module, _ => throw new MissingMethodException()))];
        foreach (string? name in new[]
        {
            "ModelLoadContext", "ModelLoadContext.TryLoadBinaryStream", "ModelSaveContext.SaveBinaryStream",
                "ModelSaveContext.SetVersionInfo", "VersionInfo..ctor", "LoadableClassAttribute..ctor",
            "SchemaShape.Column..ctor", "CatalogUtils.GetEnvironment", "RowToRowTransformerBase..ctor",
                "RowToRowTransformerBase.MapperBase..ctor", "RootCursorBase..ctor", "CacheDataView..ctor",
            "IHostEnvironmentInternal.get_GpuDeviceId", "ITransformCanSaveOnnx", "ITransformerWithDifferentMappingAtTrainingTime",
                "TextEncoderTransformer", "LookAheadCursor",
        })
            CollectionAssert.Contains(used, name);
    }

    [TestMethod]
    public void A_member_that_is_gone_is_named_with_what_to_reference()
    {
        var missing = MLNetCompatibility.FindMissing(_core, token =>
        {
            if (_core.ResolveMember(token) is MethodInfo { Name: "SaveBinaryStream" }) throw new MissingMethodException();
        });
        CollectionAssert.AreEqual(new[] { "ModelSaveContext.SaveBinaryStream" }, missing.ToArray());
        string message = MLNetCompatibility.Explain(missing, OwnPackage.Of(_core.Assembly))!;
        StringAssert.Contains(message, "Microsoft.ML 5.");
        StringAssert.Contains(
            message, "has moved parts that this version of the package SynCse.Core was built on: ModelSaveContext.SaveBinaryStream.");
        StringAssert.Contains(message, "Reference Microsoft.ML 5.0.1, or update the package SynCse.Core to");
    }

    [TestMethod]
    public void Nothing_missing_is_nothing_to_say() => Assert.IsNull(MLNetCompatibility.Explain([], "SynCse"));
}
