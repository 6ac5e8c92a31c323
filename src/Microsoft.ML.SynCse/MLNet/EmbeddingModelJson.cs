using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>The JSON of <see cref="EmbeddingModelHeader"/>; losses may be NaN.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EmbeddingModelHeader))]
internal sealed partial class EmbeddingModelJson : JsonSerializerContext;
