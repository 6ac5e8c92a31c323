namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>A sentence under certain options: what an outcome belongs to.</summary>
/// <param name="Anchor">The sentence, as it is sent.</param>
/// <param name="OptionsKey">The options, as hexadecimal digits.</param>
internal readonly record struct SentenceIdentity(string Anchor, string OptionsKey);
