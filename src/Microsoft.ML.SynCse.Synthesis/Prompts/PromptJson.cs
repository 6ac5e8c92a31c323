using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>The JSON form of a <see cref="PromptLibrary"/>.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(PromptLibrary))]
internal sealed partial class PromptJson : JsonSerializerContext;
