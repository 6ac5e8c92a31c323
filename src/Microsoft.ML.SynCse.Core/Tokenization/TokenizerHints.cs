namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>What the rest of the encoder's folder says about its tokenizer.</summary>
/// <param name="ModelType">config.json's model_type; tells which of the older files to read where there is no tokenizer.json.</param>
/// <param name="LowerCaseFirst">sentence_bert_config.json's do_lower_case: text is lower-cased before all else.</param>
/// <param name="PadTokenId">config.json's pad_token_id, used only where no tokenizer file names a padding token.</param>
internal sealed record TokenizerHints(string? ModelType, bool LowerCaseFirst = false, int? PadTokenId = null);
