using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// Requests of one kind to one provider: how many were refused in a row, how many are under way, and what is to be written once it is known
/// whose the refusals were.
/// </summary>
/// <remarks>
/// While the last reply lies before refusals, or none has come yet, no more requests are under way than would make
/// <see cref="RefusalWatch.First"/> refusals in a row: the next ones wait until a reply comes or all of these have ended. So a run in which
/// everything is refused costs that many requests at any concurrency, and one whose first replies are slow is not stopped.
/// </remarks>
internal sealed class RefusalLane(string name)
{
    private readonly object _gate = new();
    private readonly HashSet<long> _forgotten = [];
    private List<Action<JournalTables>> _undecided = [];
    private TaskCompletionSource _changed = NewSignal();
    private int _inARow, _underWay, _most = RefusalWatch.First;
    private long _round;
    private bool _deciding;

    /// <summary>Whose requests they are: those of the model that writes, of the judge, of a check.</summary>
    public string Name => name;

    /// <summary>Whether the provider is known to answer such requests under these options.</summary>
    public bool Answers { get; private set; }

    /// <summary>The last request that was answered; null if none was in this process.</summary>
    public SynthesisRequest? Answered { get; private set; }

    /// <summary>The last refusal in the row; null if there is none.</summary>
    public RequestFaultException? Last { get; private set; }

    /// <summary>How many were refused since the last reply.</summary>
    public int InARow
    {
        get
        {
            lock (_gate) return _inARow;
        }
    }

    /// <summary>Takes a place for one more request; false if it has to wait.</summary>
    /// <param name="changed">What to wait for; null: the caller has to decide what the refusals mean, and then call <see cref="Decided"/>
    /// then.</param>
    public bool TryEnter(out Task? changed)
    {
        lock (_gate)
        {
            changed = null;
            if ((Answers && _inARow == 0) || _inARow + _underWay < _most)
            {
                _underWay++;
                return true;
            }
            if (_underWay > 0 || _deciding) changed = _changed.Task;
            else _deciding = true;
            return false;
        }
    }

    /// <summary>The decision is made.</summary>
    public void Decided() => Change(() => _deciding = false);

    /// <summary>A request ended without a reply and without a refusal.</summary>
    public void Failed() => Change(() => _underWay--);

    /// <summary>A request was refused.</summary>
    public Refusal Refused(RequestFaultException refusal)
    {
        Refusal made = default;
        Change(() =>
        {
            (_underWay, _inARow, Last) = (_underWay - 1, _inARow + 1, refusal);
            made = new Refusal(this, _round);
        });
        return made;
    }

    /// <summary>A request was answered: refusals before it were their requests' own.</summary>
    /// <param name="request">The request; null if it cannot be sent again.</param>
    /// <param name="asked">Whether it was sent for its own sake, and has a place here; false for one that was sent to find out.</param>
    /// <returns>What is to be written now.</returns>
    public IReadOnlyList<Action<JournalTables>> Served(SynthesisRequest? request, bool asked)
    {
        IReadOnlyList<Action<JournalTables>> decided = [];
        Change(() =>
        {
            if (asked) _underWay--;
            // In a long row, this is checked less and less often.
            _most = asked ? RefusalWatch.First : 2 * _most;
            (Answers, Answered, Last) = (true, request ?? Answered, null);
            decided = Take();
        });
        return decided;
    }

    /// <summary>Whether the journal was looked into for <see cref="Answers"/>.</summary>
    public bool IsLookedUp { get; private set; }

    /// <summary>The journal was looked into.</summary>
    /// <param name="answers">Whether it knows of replies under the same options.</param>
    public void LookedUp(bool answers) => Change(() => (Answers, IsLookedUp) = (Answers || answers, true));

    /// <summary>The refusals so far were their requests' own.</summary>
    public IReadOnlyList<Action<JournalTables>> Settle()
    {
        IReadOnlyList<Action<JournalTables>> decided = [];
        Change(() => decided = Take());
        return decided;
    }

    /// <summary>
    /// The run ended before it was decided what the refusals mean: they leave no trace, and the next run sends them again.
    /// </summary>
    public void Forget() => Change(() =>
    {
        _forgotten.Add(_round++);
        (_inARow, _most, Last, _undecided) = (0, RefusalWatch.First, null, []);
    });

    /// <summary>
    /// Keeps what is to be written once it is decided what a refusal means; false if that is decided. What belongs to a run that ended
    /// before is dropped.
    /// </summary>
    public bool Defer(Refusal refusal, Action<JournalTables> write)
    {
        lock (_gate)
        {
            if (refusal.Round == _round) _undecided.Add(write);
            return refusal.Round == _round || _forgotten.Contains(refusal.Round);
        }
    }

    /// <summary>Whether it is not decided yet what a refusal means.</summary>
    public bool IsOpen(Refusal refusal)
    {
        lock (_gate) return refusal.Round == _round || _forgotten.Contains(refusal.Round);
    }

    private List<Action<JournalTables>> Take()
    {
        (var decided, _undecided, _inARow) = (_undecided, [], 0);
        _round++;
        return decided;
    }

    private void Change(Action change)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            change();
            (signal, _changed) = (_changed, NewSignal());
        }
        signal.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A refused request: whether the refusal was its own or everybody's is not known before others were answered.</summary>
/// <param name="Lane">The requests of its kind.</param>
/// <param name="Round">Replies that these had got before it.</param>
internal readonly record struct Refusal(RefusalLane Lane, long Round);
