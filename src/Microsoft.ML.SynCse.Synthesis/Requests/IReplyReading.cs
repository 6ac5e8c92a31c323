namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>What a reply turned out to hold.</summary>
internal interface IReplyReading
{
    /// <summary>Whether anything in it can be used.</summary>
    bool AnyAccepted { get; }

    /// <summary>The rules that rejected texts of it, one for each text.</summary>
    IReadOnlyList<string> RejectedBy { get; }

    /// <summary>Why the first was rejected, in words.</summary>
    string? Reason { get; }
}
