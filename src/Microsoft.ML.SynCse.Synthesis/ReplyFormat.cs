namespace Microsoft.ML.SynCse;

/// <summary>How a language model is asked to give its answer.</summary>
public enum ReplyFormat
{
    /// <summary>JSON that the provider keeps to a schema (structured output, <c>ChatOptions.ResponseFormat</c>).</summary>
    JsonSchema,

    /// <summary>JSON that the prompt asks for in words, for models without structured output.</summary>
    JsonText,
}
