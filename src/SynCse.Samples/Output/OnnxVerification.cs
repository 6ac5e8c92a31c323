using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>How far the vectors of an ONNX file are from those of the encoder it was made from, and what that does to a scored
/// set.</summary>
internal sealed class OnnxVerification
{
    private readonly IReadOnlyList<string> _sentences;
    private readonly IReadOnlyList<ScoredPairRow>? _pairs;

    private OnnxVerification(IReadOnlyList<string> sentences, IReadOnlyList<ScoredPairRow>? pairs)
        => (_sentences, _pairs) = (sentences, pairs);

    /// <summary>Reads a text file, one sentence a line, or a CSV or TSV file of scored pairs.</summary>
    /// <exception cref="InvalidDataException">It holds nothing that can be used; names it.</exception>
    public static async Task<OnnxVerification> ReadAsync(string path, Encoding? encoding, CancellationToken cancellationToken)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv" or ".tab")
        {
            var pairs = ScoredPairFile.Read(path, encoding);
            if (pairs.Count == 0) throw new InvalidDataException($"'{path}' holds no scored pair.");
            return new([.. pairs.SelectMany(pair => new[] { pair.Left, pair.Right }).Distinct()], pairs);
        }
        var source = await SentenceSource.OpenAsync(path, null, encoding, cancellationToken);
        return new(await source.ReadAsync(cancellationToken).ToListAsync(cancellationToken), null);
    }

    /// <summary>Prints the figures of a file.</summary>
    public void Show(SentenceEncoder encoder, string folder, string file, CancellationToken cancellationToken)
    {
        using var onnx = OnnxSentenceEncoder.Load(folder, new() { File = file });
        if (onnx.Warning is { } warning) Terminal.Warning(warning);
        float[][] expected = encoder.Encode(_sentences, cancellationToken: cancellationToken),
            found = onnx.Encode(_sentences, cancellationToken: cancellationToken);
        double[] cosines = [.. expected.Zip(found).Select(pair => (double)TensorPrimitives.CosineSimilarity(pair.First, pair.Second))];
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{file}: cosine to the model's own vectors {cosines.Average():F5} on average, {cosines.Min():F5} at least, "
            + $"over {cosines.Length} sentences");
        if (_pairs is not null)
        {
            var evaluator = new SentenceSimilarityEvaluator([.. _pairs.Select(pair => new ScoredPair(pair.Left, pair.Right, pair.Score))]);
            line += string.Create(CultureInfo.InvariantCulture,
                $"; Spearman {100 * evaluator.Measure(s => encoder.Encode(s)).Spearman:F2} -> "
                + $"{100 * evaluator.Measure(s => onnx.Encode(s)).Spearman:F2}");
        }
        AnsiConsole.WriteLine(line);
    }
}
