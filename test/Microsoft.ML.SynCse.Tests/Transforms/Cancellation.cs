using System.Reflection;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What AutoML calls to end everything a context runs; ML.NET keeps it internal.</summary>
internal static class Cancellation
{
    public static void Of(MLContext context)
        => typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(context, null);
}
