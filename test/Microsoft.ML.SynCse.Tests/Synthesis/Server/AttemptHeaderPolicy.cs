using System.ClientModel.Primitives;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Sends the id of the attempt under way along with a request.</summary>
internal sealed class AttemptHeaderPolicy : PipelinePolicy
{
    /// <summary>The header's name.</summary>
    public const string Header = "x-syncse-attempt";

    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        Mark(message);
        ProcessNext(message, pipeline, currentIndex);
    }

    public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        Mark(message);
        return ProcessNextAsync(message, pipeline, currentIndex);
    }

    private static void Mark(PipelineMessage message)
    {
        if (SynthesisAttempt.CurrentId is { } id) message.Request.Headers.Set(Header, id);
    }
}
