using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>The JSON of <see cref="RulePhrases"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RulePhrases))]
internal sealed partial class RulePhrasesJson : JsonSerializerContext;
