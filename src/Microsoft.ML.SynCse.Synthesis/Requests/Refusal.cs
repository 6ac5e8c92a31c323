namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>A refused request: whether the refusal was its own or everybody's is not known before others were answered.</summary>
/// <param name="Lane">Those who are asked the same kind of thing.</param>
/// <param name="Round">Replies that these had got before it.</param>
internal readonly record struct Refusal(RefusalLane Lane, long Round);
