namespace Microsoft.ML.SynCse.Tests;

/// <summary>A message of a request: its text parts, joined.</summary>
internal readonly record struct ScriptedMessage(string Role, string Text);
