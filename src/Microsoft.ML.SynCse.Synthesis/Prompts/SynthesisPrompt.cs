namespace Microsoft.ML.SynCse;

/// <summary>One way to ask for a positive or a hard negative.</summary>
/// <param name="Id">Names it in draws and in the journal; unique in its role. Keep the id when you edit the text, and only sentences that used it are asked for again.</param>
/// <param name="Text">The task, in words.</param>
public sealed record SynthesisPrompt(string Id, string Text);
