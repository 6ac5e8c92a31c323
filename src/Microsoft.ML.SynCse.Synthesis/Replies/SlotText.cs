namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>A text that a reply holds for a slot, and what the rules say of it.</summary>
/// <param name="Text">The text, cleaned; null where it was rejected or is missing.</param>
/// <param name="Rule">The rule that rejected it; null where none did.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record SlotText(string? Text, string? Rule, string? Reason)
{
    /// <summary>What a provider said that refused the request for it; null where it did not.</summary>
    public string? Words { get; init; }

    /// <summary>Whether it stands for a text that was not asked for yet.</summary>
    public bool IsGuess { get; init; }
}
