using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>The JSON of <see cref="SynthesisModelHeader"/>.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(SynthesisModelHeader))]
internal sealed partial class SynthesisModelJson : JsonSerializerContext;
