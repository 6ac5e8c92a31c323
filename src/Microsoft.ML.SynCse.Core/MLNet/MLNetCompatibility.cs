using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>Finds out, before the first use, whether the Microsoft.ML that is loaded has everything that our assemblies were compiled
/// against.</summary>
/// <remarks>
/// The MLNet folders use internals of ML.NET, which a later version may move; the runtime would say so with a MissingMethodException
/// somewhere in the middle of things. The metadata of each of our assemblies lists every type and member of ML.NET that it uses, so the
/// list is always complete; resolving it takes a few milliseconds, once for each.
/// </remarks>
internal static class MLNetCompatibility
{
    private static readonly string?[] _libraries =
        ["Microsoft.ML.SynCse.Core", "Microsoft.ML.SynCse.Synthesis", "Microsoft.ML.SynCse", "Microsoft.ML.SynCse.Onnx"];
    private static readonly string[] _assemblies = ["Microsoft.ML.Core", "Microsoft.ML.Data", "Microsoft.ML.DataView"];
    private static readonly ConcurrentDictionary<Assembly, string?> _failures = new();

    /// <summary>Throws one clear error where something is missing.</summary>
    /// <exception cref="InvalidOperationException">The loaded Microsoft.ML is not one that this version can work with.</exception>
    public static void EnsureCompatible()
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (!_libraries.Contains(assembly.GetName().Name)) continue;
            if (_failures.GetOrAdd(
                assembly, static ours => Explain(FindMissing(ours.ManifestModule), OwnPackage.Of(ours))) is { } failure)
                throw new InvalidOperationException(failure);
        }
    }

    /// <summary>What to say about the members that are missing; null if there are none.</summary>
    /// <param name="missing">The members.</param>
    /// <param name="package">The package whose assembly needs them.</param>
    internal static string? Explain(IReadOnlyList<string> missing, string package)
    {
        if (missing.Count == 0) return null;
        string shown = string.Join("; ", missing.Take(3)) + (missing.Count > 3 ? $"; and {missing.Count - 3} more" : "");
        string version =
            typeof(IDataView).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "(unknown)";
        return $"Microsoft.ML {version} has moved parts that this version of the package {package} was built on: {shown}. "
            + $"Reference Microsoft.ML 5.0.1, or update the package {package} to a version made for the Microsoft.ML you use.";
    }

    /// <summary>The types and members of ML.NET that a module was compiled against and that are not there now.</summary>
    /// <param name="module">The module whose metadata is read.</param>
    /// <param name="resolve">Finds what a metadata token stands for. Default: the module itself does; tests leave things out.</param>
    internal static unsafe IReadOnlyList<string> FindMissing(Module module, Action<int>? resolve = null)
    {
        if (!module.Assembly.TryGetRawMetadata(out byte* start, out int length)) return [];
        var reader = new MetadataReader(start, length);
        resolve ??= token => Resolve(module, token);

        List<string> missing = [];
        foreach (var (token, name) in Used(reader))
        {
            try
            {
                resolve(token);
            }
            catch (Exception error) when (error is TypeLoadException or MissingMemberException or FileNotFoundException
                or FileLoadException or BadImageFormatException)
            {
                missing.Add(name);
            }
        }
        return missing;
    }

    private static void Resolve(Module module, int token)
    {
        if ((TableIndex)(token >>> 24) == TableIndex.MemberRef) module.ResolveMember(token);
        else module.ResolveType(token);
    }

    private static IEnumerable<(int Token, string Name)> Used(MetadataReader reader)
    {
        foreach (var handle in reader.TypeReferences)
        {
            if (IsOfMLNet(reader, handle)) yield return (MetadataTokens.GetToken(handle), NameOf(reader, handle));
        }
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference || !IsOfMLNet(reader, (TypeReferenceHandle)member.Parent)) continue;
            yield return (MetadataTokens.GetToken(handle),
                $"{NameOf(reader, (TypeReferenceHandle)member.Parent)}.{reader.GetString(member.Name)}");
        }
        // Our own classes over ML.NET's: they do not load where an abstract member was added or changed.
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (type.GetGenericParameters().Count > 0) continue;
            var parents = type.GetInterfaceImplementations().Select(i => reader.GetInterfaceImplementation(i).Interface)
                .Append(type.BaseType);
            if (parents.Any(p => p is { IsNil: false, Kind: HandleKind.TypeReference } && IsOfMLNet(reader, (TypeReferenceHandle)p)))
                yield return (MetadataTokens.GetToken(handle), reader.GetString(type.Name));
        }
    }

    private static bool IsOfMLNet(MetadataReader reader, TypeReferenceHandle handle)
    {
        var scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsOfMLNet(reader, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference
                => _assemblies.Contains(reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name)),
            _ => false,
        };
    }

    private static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        string name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(reader, (TypeReferenceHandle)type.ResolutionScope)}.{name}" : name;
    }
}
