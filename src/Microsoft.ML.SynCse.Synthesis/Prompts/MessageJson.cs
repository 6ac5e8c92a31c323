using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>The JSON of <see cref="MessageText"/>.</summary>
[JsonSerializable(typeof(MessageText.OneSentence))]
[JsonSerializable(typeof(MessageText.SeveralSentences))]
[JsonSerializable(typeof(MessageText.SentenceList))]
[JsonSerializable(typeof(MessageText.SentencePair))]
[JsonSerializable(typeof(string))]
internal sealed partial class MessageJson : JsonSerializerContext;
