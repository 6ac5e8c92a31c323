using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>The synthesis steps inside a model.</summary>
internal static class SynthesisSteps
{
    /// <summary>Gives all of them a client.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static void UseChatClient(ITransformer model, IChatClient client, Func<TripletSynthesisOptions, TripletSynthesisOptions>? configure)
    {
        TripletSynthesisTransformer[] steps = [.. In(model)];
        if (steps.Length == 0)
        {
            string seen = string.Join(", ", Parts(model).Select(t => t.GetType().Name.Split('`')[0]).Distinct());
            throw new ArgumentException($"The model has no step that a chat client is used by (SynthesizeTriplets); it consists of: {seen}.", nameof(model));
        }
        foreach (var step in steps) step.UseChatClient(client, configure);
    }

    /// <summary>The steps of a model, in chains inside chains too.</summary>
    public static IEnumerable<TripletSynthesisTransformer> In(ITransformer model) => Parts(model).OfType<TripletSynthesisTransformer>();

    private static IEnumerable<ITransformer> Parts(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [model];
}
