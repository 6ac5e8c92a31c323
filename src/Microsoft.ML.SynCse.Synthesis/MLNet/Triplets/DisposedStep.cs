namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>What the reader of a disposed synthesis step is told.</summary>
internal static class DisposedStep
{
    /// <summary>How a model is disposed by somebody who does not say so.</summary>
    public const string OwnerHint
        = "PredictionEngine.Dispose() disposes the model that it was made from, unless PredictionEngineOptions.OwnsTransformer is false.";

    /// <summary>The error.</summary>
    /// <param name="columns">The step's columns; null where they are not known.</param>
    public static ObjectDisposedException Error(string? columns) => new(
        nameof(TripletSynthesisTransformer), $"The synthesis step{(columns is null ? "" : " " + columns)} was disposed. {OwnerHint}");
}
