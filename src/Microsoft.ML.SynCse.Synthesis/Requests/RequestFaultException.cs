using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>A request that brought no reply; seen by the retry policy, and, where the provider refused it, by those who asked.</summary>
internal sealed class RequestFaultException(SynthesisFault fault, string message) : Exception(message)
{
    /// <summary>What stands for a rule where the provider refused a request.</summary>
    public const string RefusedRule = "refused";

    /// <summary>What it means.</summary>
    public SynthesisFault Fault { get; } = fault;

    /// <summary>Of a refusal: what stands for the rule.</summary>
    public string Rule { get; init; } = RefusedRule;

    /// <summary>Of a refusal: what it counts as, an empty reply.</summary>
    public StoredReply? Reply { get; init; }

    /// <summary>Of a refusal in this run: when it is known whose it was. Null: that is known.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The fault with the provider's words, as outcomes tell it.</summary>
    public string Words => Message.Length > 0 ? $"{Fault.Name}: {Message}" : Fault.Name;
}
