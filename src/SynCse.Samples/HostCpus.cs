using System.Globalization;

namespace SynCse.Samples;

/// <summary>How many CPUs the machine has, how many a container may use, and how many this process uses.</summary>
internal static class HostCpus
{
    private const string Online = "/sys/devices/system/cpu/online", QuotaOfV2 = "/sys/fs/cgroup/cpu.max";
    private const string QuotaOfV1 = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", PeriodOfV1 = "/sys/fs/cgroup/cpu/cpu.cfs_period_us";

    /// <summary>All three, in words; what the system does not tell is left out.</summary>
    public static string Describe()
    {
        string host = Machine() is { } machine ? FormattableString.Invariant($"{machine} on the machine, ") : "";
        string quota = Quota() is { } cpus ? FormattableString.Invariant($"quota of the container {cpus:0.##}, ") : "";
        return FormattableString.Invariant($"{host}{quota}{Environment.ProcessorCount} used (DOTNET_PROCESSOR_COUNT changes it)");
    }

    // Such as "0-3,8-11".
    internal static int? Count(string list)
    {
        int count = 0;
        foreach (string range in list.Trim().Split(','))
        {
            int[] ends = [.. range.Split('-').Select(end => int.TryParse(end, CultureInfo.InvariantCulture, out int cpu) ? cpu : -1)];
            if (ends.Length is 0 or > 2 || ends.Any(end => end < 0) || ends[^1] < ends[0]) return null;
            count += ends[^1] - ends[0] + 1;
        }
        return count;
    }

    // Microseconds a period, and the period: "200000 100000"; "max" for no limit.
    internal static double? Share(string quota, string period)
        => double.TryParse(quota, CultureInfo.InvariantCulture, out double used) && used > 0
            && double.TryParse(period, CultureInfo.InvariantCulture, out double whole) && whole > 0 ? used / whole : null;

    private static int? Machine() => Read(Online) is { } list ? Count(list) : null;

    private static double? Quota()
    {
        if (Read(QuotaOfV2)?.Split(' ') is [var used, var period]) return Share(used, period);
        return Read(QuotaOfV1) is { } quota && Read(PeriodOfV1) is { } whole ? Share(quota, whole) : null;
    }

    private static string? Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
