namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>How many CPUs this process may use.</summary>
/// <remarks>.NET counts them when it starts: the CPUs of the machine, less those that the affinity mask leaves out, and no more than the
/// quota of the container (cgroup v1 and v2), rounded up; <c>DOTNET_PROCESSOR_COUNT</c> overrides it. Native libraries count the
/// machine's.</remarks>
internal static class CpuBudget
{
    /// <summary>The number; at least 1.</summary>
    public static int Cpus => Environment.ProcessorCount;
}
