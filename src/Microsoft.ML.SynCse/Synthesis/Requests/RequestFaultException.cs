namespace Microsoft.ML.SynCse;

/// <summary>A request that brought no reply; seen by the retry policy alone.</summary>
internal sealed class RequestFaultException(SynthesisFault fault, string message) : Exception(message)
{
    /// <summary>What it means.</summary>
    public SynthesisFault Fault { get; } = fault;
}
