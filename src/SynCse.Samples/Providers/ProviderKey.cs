namespace SynCse.Samples;

/// <summary>A provider's key. It comes from the environment only: a command line stands in the shell's history and in the list of
/// processes.</summary>
internal static class ProviderKey
{
    // The clients need some text, even if no server reads it.
    private const string Placeholder = "none";

    /// <summary>The key, or a placeholder for those who need none.</summary>
    /// <exception cref="InvalidOperationException">It is needed and not there; the message names the variable.</exception>
    public static string Read(ProviderChoice choice)
    {
        if (choice.KeyVariable is { } variable && Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } key) return key;
        if (choice.KeyIsOptional) return Placeholder;
        throw new InvalidOperationException($"There is no key: set the environment variable {choice.KeyVariable} to it."
            + (choice.Kind == ProviderKind.OpenAI ? " For a server of your own that needs none, give --endpoint." : ""));
    }

    /// <summary>What stands in for a key where nothing is sent.</summary>
    public static string ForNothingSent => Placeholder;
}
