using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>What the product needs of an <see cref="MLContext"/> and ML.NET does not show in public.</summary>
internal static class MLNetEnvironment
{
    /// <summary>The environment of a catalog: the one call that the catalog's extension methods make.</summary>
    /// <exception cref="InvalidOperationException">This Microsoft.ML lacks what this assembly was built on
    /// (<see cref="MLNetCompatibility"/>).</exception>
    public static IHostEnvironment Of(TransformsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetCompatibility.EnsureCompatible();
        return CatalogUtils.GetEnvironment(catalog);
    }

    /// <summary>The environment of <c>mlContext.Data</c>.</summary>
    /// <exception cref="InvalidOperationException">This Microsoft.ML lacks what this assembly was built on
    /// (<see cref="MLNetCompatibility"/>).</exception>
    public static IHostEnvironment Of(DataOperationsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetCompatibility.EnsureCompatible();
        return CatalogUtils.GetEnvironment(catalog);
    }

    /// <summary>The environment of <c>mlContext.Model</c>.</summary>
    /// <exception cref="InvalidOperationException">This Microsoft.ML lacks what this assembly was built on
    /// (<see cref="MLNetCompatibility"/>).</exception>
    public static IHostEnvironment Of(ModelOperationsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetCompatibility.EnsureCompatible();
        return ((IInternalCatalog)catalog).Environment;
    }

    /// <summary>The environment of a context. The context is one itself, but does not report its own <c>CancelExecution()</c>.</summary>
    /// <exception cref="InvalidOperationException">This Microsoft.ML lacks what this assembly was built on
    /// (<see cref="MLNetCompatibility"/>).</exception>
    public static IHostEnvironment Of(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Of(context.Transforms);
    }

    /// <summary>Whether <c>MLContext.CancelExecution()</c> was called.</summary>
    public static bool IsCanceled(IHostEnvironment environment) => environment is ICancelable { IsCanceled: true };
}
