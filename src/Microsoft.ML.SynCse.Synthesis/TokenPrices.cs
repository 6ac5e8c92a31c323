namespace Microsoft.ML.SynCse;

/// <summary>What a provider asks for tokens, in any currency.</summary>
/// <param name="InputPerMillion">The price of a million input tokens; not negative.</param>
/// <param name="OutputPerMillion">The price of a million output tokens; not negative.</param>
public sealed record TokenPrices(decimal InputPerMillion, decimal OutputPerMillion)
{
    /// <summary>The cost of a number of tokens.</summary>
    internal decimal Cost(long inputTokens, long outputTokens) => (InputPerMillion * inputTokens + OutputPerMillion * outputTokens) / 1_000_000m;
}
