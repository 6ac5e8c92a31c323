using Microsoft.ML.SynCse;
using OllamaSharp.Models.Exceptions;

namespace SynCse.Samples;

/// <summary>Reads the exceptions of Ollama's client that the library does not know.</summary>
internal static class OllamaFaults
{
    /// <summary>What an exception means; null: the library knows it.</summary>
    public static SynthesisFault? Classify(Exception error)
        // A status of 400, in words: the model does not take the request. Whether it takes others is seen from what becomes of them.
        => error is OllamaException
            ? new SynthesisFault(SynthesisFaultKind.Refused, "ollama-refuses") { Message = error.Message, MayBeBilled = false } : null;
}
