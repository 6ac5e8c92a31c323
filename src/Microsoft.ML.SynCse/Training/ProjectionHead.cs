namespace Microsoft.ML.SynCse;

/// <summary>What training puts on top of the pooled vector.</summary>
public enum ProjectionHead
{
    /// <summary>Nothing new; a Dense head that the encoder already has is kept and trained.</summary>
    None,

    /// <summary>A fresh linear layer H to H with tanh, as SimCSE's CLS head; it stays in the tuned encoder.</summary>
    Mlp,
}
