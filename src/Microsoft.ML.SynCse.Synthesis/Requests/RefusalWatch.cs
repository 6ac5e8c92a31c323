using System.Collections.Concurrent;
using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// Decides whether the provider refused one request or refuses all: a refusal belongs to its request while others are answered, in this
/// process or, under the same options, in the journal.
/// </summary>
/// <remarks>
/// Where the first <see cref="First"/> requests are refused and none was answered, the run stops. Where as many are refused in a row after
/// replies, one that was answered before is asked once more: if it is answered, the refusals were their requests' own; if not, the run
/// stops. Refusals are final in the journal from the next reply on; what was refused before a stop is asked again.
/// </remarks>
internal sealed class RefusalWatch(TripletSynthesisOptions options, RequestFactory requests, JournalStore journal,
    params byte[][] optionsKeys)
{
    /// <summary>Refusals in a row that say something about the provider.</summary>
    public const int First = 10;

    private const string Writer = "", Judge = "judge";

    private readonly ConcurrentDictionary<string, RefusalLane> _lanes = new(StringComparer.Ordinal);

    /// <summary>The lane of a request to a language model: the judge may be another one, and gets requests of another form.</summary>
    public RefusalLane Of(SynthesisRequest request) => Named(request.Kind == RequestKind.Judge ? Judge : Writer);

    /// <summary>The lane of what a pair check asks.</summary>
    public RefusalLane Of(IPairCheck check) => Named(PairCheckRunner.RulePrefix + check.Name);

    /// <summary>Waits until a request may leave.</summary>
    /// <param name="lane">Its lane.</param>
    /// <param name="probe">Asks a request again that was answered before; false if it is refused now. Null: that cannot be done.</param>
    /// <param name="run">The run; it is stopped if all requests are refused.</param>
    public async Task EnterAsync(RefusalLane lane, Func<SynthesisRequest, Task<bool>>? probe, SynthesisRun run)
    {
        while (!lane.TryEnter(out var changed))
        {
            if (changed is null)
            {
                try
                {
                    await DecideAsync(lane, probe, run).ConfigureAwait(false);
                }
                finally
                {
                    lane.Decided();
                }
            }
            else if (lane.Answers || lane.IsLookedUp || !await KnowsAnswersAsync(lane).ConfigureAwait(false))
            {
                await changed.WaitAsync(run.Token).ConfigureAwait(false);
            }
            run.ThrowIfEnded();
        }
        // A stop gives the places back: none may be taken for the run that it ended.
        if (run.Stopped is null) return;
        lane.Failed();
        run.ThrowIfEnded();
    }

    /// <summary>A request was answered.</summary>
    public Task ServedAsync(RefusalLane lane, SynthesisRequest? request) => WriteAsync(lane.Served(request, asked: true));

    /// <summary>Writes what is known of a refused request or its sentence once it is decided what the refusal means.</summary>
    public Task DeferAsync(Refusal refusal, Action<JournalTables> write) => refusal.Lane.Defer(refusal, write)
        ? Task.CompletedTask : journal.WriteAsync(write);

    /// <summary>
    /// A run came to the end of its sentences: refusals after the last reply are their requests' own, unless nothing was ever answered.
    /// </summary>
    /// <exception cref="SynthesisStoppedException">Nothing was.</exception>
    public async Task EndAsync(SynthesisRun run)
    {
        foreach (var lane in _lanes.Values.Where(l => l.InARow > 0))
        {
            if (!lane.Answers && !await KnowsAnswersAsync(lane).ConfigureAwait(false))
            {
                Stop(lane, run);
                run.ThrowIfEnded();
            }
            await WriteAsync(lane.Settle()).ConfigureAwait(false);
        }
    }

    /// <summary>A run ended before its sentences did.</summary>
    public void Forget()
    {
        foreach (var lane in _lanes.Values) lane.Forget();
    }

    private RefusalLane Named(string name) => _lanes.GetOrAdd(name, static name => new RefusalLane(name));

    private async Task DecideAsync(RefusalLane lane, Func<SynthesisRequest, Task<bool>>? probe, SynthesisRun run)
    {
        if (!lane.Answers) await KnowsAnswersAsync(lane).ConfigureAwait(false);
        var known = lane.Answered ?? (lane.Answers && probe is not null ? await FromJournalAsync(lane).ConfigureAwait(false) : null);
        bool served = lane.Answers && (known is null || probe is null || await probe(known).ConfigureAwait(false));
        if (served) await WriteAsync(lane.Served(known, asked: false)).ConfigureAwait(false);
        else Stop(lane, run);
    }

    private static void Stop(RefusalLane lane, SynthesisRun run)
    {
        if (lane.Last is { } last) run.Stop(FaultPolicy.RefusesAll(last, lane.InARow));
        lane.Forget();
    }

    private async Task<bool> KnowsAnswersAsync(RefusalLane lane)
    {
        bool answers = await FindAcceptedAsync().ConfigureAwait(false) is not null;
        lane.LookedUp(answers);
        return answers;
    }

    /// <summary>A request that was answered in an earlier process, written again.</summary>
    private async Task<SynthesisRequest?> FromJournalAsync(RefusalLane lane)
    {
        if (await FindAcceptedAsync().ConfigureAwait(false) is not { Outcome.Example: { Positives: [var positive, ..] } example })
            return null;
        if (lane.Name == Writer) return requests.Single(example.Anchor, new SynthesisSlot(SynthesisRole.Positive, 0), 0);
        return options.PairChecks.OfType<JudgeCheck>().FirstOrDefault() is { } judge
            ? requests.Judge(judge, example.Anchor, positive, 0) : null;
    }

    private Task<OutcomeRow?> FindAcceptedAsync()
        => journal.ReadAsync(tables => optionsKeys.Select(tables.FindAccepted).FirstOrDefault(row => row is not null));

    private Task WriteAsync(IReadOnlyList<Action<JournalTables>> decided) => decided.Count == 0
        ? Task.CompletedTask : journal.WriteAsync(tables =>
    {
        foreach (var write in decided) write(tables);
    });
}
