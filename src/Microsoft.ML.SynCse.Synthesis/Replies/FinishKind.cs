namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>What a provider's finish reason says of a reply.</summary>
internal enum FinishKind
{
    /// <summary>The model came to its own end, or the provider told nothing.</summary>
    Ended,

    /// <summary>The tokens that the reply may have were used up.</summary>
    Cut,

    /// <summary>The provider withheld it or a part of it.</summary>
    Filtered,

    /// <summary>The model refused.</summary>
    Refused,

    /// <summary>A trouble of the server's that passes: the same request may succeed a little later.</summary>
    Interrupted,

    /// <summary>Any other end, known or not: the reply is not taken for a whole one.</summary>
    Failed,
}
