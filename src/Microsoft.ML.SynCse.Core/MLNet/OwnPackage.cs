using System.Reflection;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>The NuGet package of each of our assemblies, for errors that say what to add or to update.</summary>
/// <remarks>NuGet takes no new package whose id begins with Microsoft., so the id is the assembly's name without its first two
/// parts.</remarks>
internal static class OwnPackage
{
    private const string Reserved = "Microsoft.ML.";

    /// <summary>The id of the package that brings an assembly.</summary>
    public static string Of(Assembly assembly) => Of(assembly.GetName().Name!);

    /// <summary>The id of the package that brings the assembly of a name.</summary>
    public static string Of(string assembly)
        => assembly.StartsWith(Reserved, StringComparison.Ordinal) ? assembly[Reserved.Length..] : assembly;
}
