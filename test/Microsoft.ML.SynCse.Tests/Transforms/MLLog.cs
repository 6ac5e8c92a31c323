using System.Collections.Concurrent;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Collects what a context logs.</summary>
internal sealed class MLLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    public MLLog(MLContext context) => context.Log += (_, e) => _lines.Enqueue($"{e.Kind}: {e.RawMessage}");

    public string Text => string.Join('\n', _lines);
}
