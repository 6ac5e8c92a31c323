using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Whatever a message of the library tells its reader to call or to set is there.</summary>
[TestClass]
public sealed partial class AdviceTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.FlattenHierarchy;

    private static readonly Type[] _types =
    [
        .. new[] { typeof(SentenceEncoder), typeof(OnnxSentenceEncoder), typeof(TripletSynthesizer), typeof(TextEncoder),
            typeof(MLContext), typeof(IDataView),
            typeof(PredictionEngineOptions), typeof(CustomMappingCatalog), typeof(IChatClient), typeof(EmbeddingGeneratorBuilder<,>) }
            .Select(t => t.Assembly).Distinct().SelectMany(a => a.GetExportedTypes()),
        typeof(AppContext),
    ];

    [TestMethod]
    public void Every_member_that_a_message_names_exists()
    {
        var named = Literals().SelectMany(text => Path().Matches(text).Select(m => (Path: m.Value, Text: text))).Distinct().ToArray();
        Assert.IsGreaterThan(50, named.Length, "the search finds nothing");
        Assert.AreEqual("", string.Join('\n', named.Where(n => !Exists(n.Path)).Select(n => $"{n.Path}, in: {n.Text}")));
    }

    [TestMethod]
    public void The_search_tells_what_there_is_from_what_there_is_not()
    {
        foreach (string? there in new[] { "mlContext.Model.Save", "mlContext.Data.SaveAsBinary",
            "mlContext.Transforms.Conversion.MapKeyToValue", "SentenceEncoder.Save", "PredictionEngine.Dispose", "TextLoader.Column",
            "Some.Thing", "AppContext.SetSwitch" })
            Assert.IsTrue(Exists(there), there);
        foreach (string? missing in new[] { "SentenceEncoder.ExportPickle", "mlContext.Model.SaveAsBinary", "mlContext.Nothing.Save",
            "SentenceEncoderOptions.Precisions", "AppContext.SetSwitches" })
            Assert.IsFalse(Exists(missing), missing);
    }

    // Types that are none of these assemblies' are somebody else's to keep.
    private static bool Exists(string path)
    {
        string[] parts = path.Split('.');
        if (parts[0] == "mlContext") return IsCallable(typeof(MLContext), parts[1..]);
        var types = _types.Where(t => t.Name.Split('`')[0] == parts[0]).ToArray();
        return types.Length == 0 || types.Any(t => Members(t, parts[1]).Any());
    }

    private static bool IsCallable(Type type, string[] path)
    {
        if (path.Length > 1) return type.GetProperty(path[0], All) is { } property && IsCallable(property.PropertyType, path[1..]);
        return Members(type, path[0]).Any() || _types.Where(t => t is { IsAbstract: true, IsSealed: true })
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Any(m => m.Name == path[0] && m.IsDefined(typeof(ExtensionAttribute))
                && m.GetParameters()[0].ParameterType.IsAssignableFrom(type));
    }

    private static IEnumerable<MemberInfo> Members(Type type, string name) => type.GetMember(name, All | BindingFlags.NonPublic)
        .Where(m => m is not MethodBase { IsPrivate: true });

    private static IEnumerable<string> Literals()
    {
        List<string> texts = [];
        foreach (var type in new[] { typeof(TextEncoder), typeof(TripletSynthesizer), typeof(SentenceEncoder),
            typeof(OnnxSentenceEncoder) })
        {
            using var file = new PEReader(File.OpenRead(type.Assembly.Location));
            var metadata = file.GetMetadataReader();
            var handle = metadata.GetNextHandle(MetadataTokens.UserStringHandle(0));
            for (; !handle.IsNil; handle = metadata.GetNextHandle(handle)) texts.Add(metadata.GetUserString(handle));
        }
        return texts;
    }

    [GeneratedRegex(@"(?<![\w./'])(?:mlContext|[A-Z]\w+)(?:\.[A-Z]\w+)+(?![\w.]*/)")]
    private static partial Regex Path();
}
