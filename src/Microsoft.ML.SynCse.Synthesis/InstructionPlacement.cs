namespace Microsoft.ML.SynCse;

/// <summary>Which message of a request says what to do.</summary>
public enum InstructionPlacement
{
    /// <summary>A system message of its own, which most models heed best.</summary>
    System,

    /// <summary>
    /// The beginning of the first user message, for models without a system role (Gemma, OpenAI's o1-mini, some chat templates).
    /// </summary>
    User,
}
