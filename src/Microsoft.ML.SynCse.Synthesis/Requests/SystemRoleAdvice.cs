namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>Recognises a provider's words that a model takes no system message.</summary>
internal static class SystemRoleAdvice
{
    // Words of chat templates (Gemma, Mistral, Llama), of vLLM, OpenAI, Google, LiteLLM and others, letter case aside.
    private static readonly string[] Words =
    [
        "system role not supported", "system role is not supported", "system role is not allowed", "system message is not supported",
        "system messages are not supported",
        "system message not supported", "system prompt is not supported", "system prompts are not supported", "does not support system",
        "doesn't support system",
        "does not support 'system'", "does not support \"system\"", "does not support the system", "developer instruction is not enabled",
        "system instruction is not enabled",
        "only user and assistant roles are supported", "only user, assistant and tool roles are supported",
        "roles must alternate user/assistant", "unsupported role: system",
        "invalid role: system", "unknown role: system", "unexpected role 'system'", "unexpected role system", "role 'system' is not",
        "role \"system\" is not",
        "valid role: user, model", "use a valid role: user",
    ];

    /// <summary>What to do where the words say so; null where they do not.</summary>
    /// <param name="words">The provider's words.</param>
    public static string? For(string words)
        => Words.Any(w => words.Contains(w, StringComparison.OrdinalIgnoreCase))
            ? "The model takes no system message: set TripletSynthesisOptions.InstructionPlacement to InstructionPlacement.User "
                + "(--instructions-in-user-message)."
            : null;
}
