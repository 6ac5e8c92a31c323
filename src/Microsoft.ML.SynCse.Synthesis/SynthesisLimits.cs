namespace Microsoft.ML.SynCse;

/// <summary>What synthesis may use at most, over all runs on one journal. A limit is never passed: what a request can use at worst is reserved before it is sent.</summary>
/// <remarks>
/// Reserved are the request's UTF-8 bytes as its input tokens (no byte-level vocabulary gives more) and <see cref="TripletSynthesisOptions.MaxOutputTokens"/>.
/// The usage that the provider tells takes the reservation's place; where it tells none, where no whole answer came (timeout, reset, a cut body), and where the process
/// was killed meanwhile, the whole reservation counts as used. A request that was refused with an error status counts as a request, without tokens.
/// </remarks>
public sealed record SynthesisLimits
{
    /// <summary>Requests, repeated ones included. Default: null, any number.</summary>
    public long? MaxRequests { get; init; }

    /// <summary>Input tokens. Default: null, any number.</summary>
    public long? MaxInputTokens { get; init; }

    /// <summary>Output tokens. Default: null, any number. Needs <see cref="TripletSynthesisOptions.MaxOutputTokens"/>.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>Cost, in the unit of <see cref="TripletSynthesisOptions.Prices"/>, which it needs, as it does <see cref="TripletSynthesisOptions.MaxOutputTokens"/>. Default: null, any.</summary>
    public decimal? MaxCost { get; init; }
}
