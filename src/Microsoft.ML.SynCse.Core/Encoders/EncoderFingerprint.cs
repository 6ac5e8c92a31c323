
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>What tells one encoder from another: a hash of what would be saved of it. It reads all weights, so a loaded encoder has it
/// made in the background.</summary>
/// <remarks>
/// Whoever asks while it is being made waits for it; who asks before it was begun makes it. Making it reads the weights under the
/// encoder's lock.
/// <see cref="End"/> comes before the encoder takes that lock for itself: somebody who holds the lock and waits here must not wait for
/// work that can no longer get it.
/// </remarks>
/// <param name="write">Writes what the encoder is told apart by into a sink; the encoder stays alive meanwhile.</param>
internal sealed class EncoderFingerprint(Action<IModelFileSink> write)
{
    private readonly ManualResetEventSlim _ended = new();
    private readonly CancellationTokenSource _end = new();
    private int _begun;
    private volatile string? _value;

    /// <summary>Whether it is made.</summary>
    public bool IsMade => _value is not null;

    /// <summary>Begins to make it on the thread pool. An error is met again by who asks.</summary>
    public void Begin() => ThreadPool.UnsafeQueueUserWorkItem(static self => self.MakeInBackground(), this, preferLocal: false);

    /// <summary>The fingerprint.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed before the fingerprint was made.</exception>
    public string Get(CancellationToken cancellationToken = default)
    {
        if (_value is { } known) return known;
        if (IsFirst())
        {
            try
            {
                return Make(cancellationToken);
            }
            finally
            {
                _ended.Set();
            }
        }
        _ended.Wait(cancellationToken);
        return _value ?? Make(cancellationToken);
    }

    /// <summary>Ends the background's work and all waiting; what is not made by then is made by who asks, if the encoder still
    /// lives.</summary>
    public void End()
    {
        _end.Cancel();
        _ = IsFirst();
        _ended.Set();
    }

    private bool IsFirst() => Interlocked.Exchange(ref _begun, 1) == 0;

    private void MakeInBackground()
    {
        if (!IsFirst()) return;
        try
        {
            Make(_end.Token);
        }
#pragma warning disable CA1031 // an error on this thread would end the process; who asks for the fingerprint has it again
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        _ended.Set();
    }

    // Two who ask at once may both make it: they get the same.
    private string Make(CancellationToken cancellationToken)
    {
        var sink = new FingerprintSink();
        write(new EndableSink(sink, cancellationToken));
        return _value = sink.Fingerprint;
    }
}
