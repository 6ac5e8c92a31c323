namespace Microsoft.ML.SynCse.Tests;

/// <summary>Progress that is told at once, on the reporting thread.</summary>
internal sealed class Inline<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
