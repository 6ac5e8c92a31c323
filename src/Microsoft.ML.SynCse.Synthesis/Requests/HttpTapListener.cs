using System.Diagnostics;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// Tells the <see cref="HttpTap"/> of a call of each answer that HttpClient gets on its behalf; whatever else the process sends is not
/// looked at.
/// </summary>
/// <remarks>
/// It hears .NET's own "System.Net.Http.Response", and is there only while a synthesizer is. It enables no activity, so requests go out as
/// they would without it.
/// Nothing else gets at a body that a client fails to read: <c>{"error": ...}</c> under status 200, a finish_reason that the client does
/// not know.
/// </remarks>
internal sealed class HttpTapListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string Listener = "HttpHandlerDiagnosticListener", Answer = "System.Net.Http.Response";

    private static readonly object Gate = new();
    private static HttpTapListener? _one;
    private static int _users;

    private readonly List<IDisposable> _subscriptions = [];

    /// <summary>One more who wants to hear.</summary>
    public static void Join()
    {
        lock (Gate)
        {
            if (_users++ > 0) return;
            _one = new HttpTapListener();
            _one.Hear(DiagnosticListener.AllListeners.Subscribe(_one));
        }
    }

    /// <summary>One less; after the last one nobody listens.</summary>
    public static void Leave()
    {
        lock (Gate)
        {
            if (--_users > 0) return;
            lock (_one!._subscriptions)
            {
                foreach (var subscription in _one._subscriptions) subscription.Dispose();
            }
            _one = null;
        }
    }

    /// <inheritdoc/>
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == Listener) Hear(value.Subscribe(this, static (name, _, _) => name == Answer && HttpTap.Current is not null));
    }

    /// <inheritdoc/>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != Answer || HttpTap.Current is not { } tap) return;
        if (value.Value?.GetType()
            .GetProperty("Response")?.GetValue(value.Value) is HttpResponseMessage { Content: not null } response) tap.Open(response);
    }

    /// <inheritdoc/>
    public void OnCompleted()
    {
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
    }

    private void Hear(IDisposable subscription)
    {
        lock (_subscriptions) _subscriptions.Add(subscription);
    }
}
