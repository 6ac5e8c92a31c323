using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The process's live tensors, when what other tests dropped without disposing is gone.</summary>
internal static class LiveTensors
{
    /// <summary>How many there are.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
