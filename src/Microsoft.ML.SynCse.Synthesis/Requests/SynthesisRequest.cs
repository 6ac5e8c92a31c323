using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>A request as it will be sent, before it has an attempt id.</summary>
internal sealed record SynthesisRequest
{
    /// <summary>What it asks for.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>
    /// SHA-256 of the messages, the model, the options that matter, and what the request is for: equal keys are the same request.
    /// </summary>
    public required byte[] Key { get; init; }

    /// <summary>The messages.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Model, sampling, lengths, format.</summary>
    public required ChatOptions Options { get; init; }

    /// <summary>The ids of the drawn prompts, with commas between.</summary>
    public required string Prompts { get; init; }

    /// <summary>What the exemplars in it answer.</summary>
    public required IReadOnlyList<string> ExemplarAnswers { get; init; }

    /// <summary>No more input tokens than this: all its UTF-8 bytes, and what chat templates put around messages.</summary>
    public required long InputBound { get; init; }

    /// <summary>The model's name in keys and in the journal; null if it is not known.</summary>
    public required string? Model { get; init; }

    /// <summary>The place in the input of the sentence it is for: earlier ones are sent first.</summary>
    public long Position { get; init; }

    /// <summary>Where it goes, if not to the run's own client.</summary>
    public IChatClient? Client { get; init; }
}

/// <summary>
/// The request under way, for code that the chat client calls: the tests lay a server's log and the journal side by side.
/// </summary>
internal static class SynthesisAttempt
{
    private static readonly AsyncLocal<string?> _id = new();

    /// <summary>
    /// The id of the attempt that this code runs for, 32 hexadecimal digits; null outside of one. Every request that is sent, a repeated
    /// one too, has its own.
    /// </summary>
    public static string? CurrentId
    {
        get => _id.Value;
        set => _id.Value = value;
    }
}
