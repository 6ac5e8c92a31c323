using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Export;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>ELECTRA (Clark et al., 2020): BERT whose embeddings may be smaller than its layers, with a projection between the
/// two.</summary>
internal sealed class ElectraNetwork : TransformerNetwork
{
    private const string ProjectionWeight = "embeddings_project.weight", ProjectionBias = "embeddings_project.bias";
    private readonly Tensor? _weight, _bias;

    private ElectraNetwork(TransformerConfiguration configuration, EncoderWeights weights) : base(configuration, weights, LayerNames.Bert)
    {
        if (HasProjection(configuration)) (_weight, _bias) = (weights[ProjectionWeight], weights[ProjectionBias]);
    }

    /// <summary>Reads the network.</summary>
    public static TransformerNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.Read(json, embeddingSize: true);
        var specs = Specs(configuration, LayerNames.Bert).ToList();
        if (HasProjection(configuration))
        {
            specs.Add(new(ProjectionWeight, [configuration.HiddenSize, configuration.EmbeddingSize]));
            specs.Add(new(ProjectionBias, [configuration.HiddenSize]));
        }
        return new ElectraNetwork(configuration, read(specs, "electra."));
    }

    /// <inheritdoc/>
    public override TransformerNetwork WithWeights(EncoderWeights weights) => new ElectraNetwork(Configuration, weights);

    /// <inheritdoc/>
    protected override Tensor Project(Tensor embedded)
        => _weight is null ? embedded : F.linear(embedded.In(_weight.dtype), _weight, _bias).In(embedded.dtype);

    /// <inheritdoc/>
    protected override OnnxValue ExportProjection(OnnxModules modules, OnnxValue embedded)
        => _weight is null ? embedded : modules.Linear("embeddings_project", embedded, _weight, _bias);

    private static bool HasProjection(TransformerConfiguration configuration) => configuration.EmbeddingSize != configuration.HiddenSize;
}
