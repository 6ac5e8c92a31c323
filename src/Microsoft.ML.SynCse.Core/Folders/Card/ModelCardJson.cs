using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Core.Folders.Card;

/// <summary>The JSON of <see cref="ModelCard"/>; a score may be NaN.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelCard))]
internal sealed partial class ModelCardJson : JsonSerializerContext;
