using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>A lazy view that adds the columns a language model writes; nothing is sent before a value of theirs is read.</summary>
internal sealed class SynthesizedTextView(IHost host, IDataView source, DataViewSchema.Column text, TripletColumns columns,
    TripletSynthesisTransformer transformer)
    : LookAheadView(source, text, columns.Added())
{
    /// <inheritdoc/>
    protected override NotSupportedException OnnxError => OnnxRefusal.Synthesis();

    /// <inheritdoc/>
    /// <remarks>
    /// One cursor keeps the allowed number of requests under way by itself; several would make the groups that are asked for together
    /// depend on the machine's cores.
    /// </remarks>
    protected override bool Splits => false;

    /// <inheritdoc/>
    protected override LookAheadCursor Wrap(DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text)
        => new SynthesizedTextCursor(host, input, bindings, active, text, columns, transformer);
}

/// <summary>
/// The cursor of <see cref="SynthesizedTextView"/>: from the first text that is asked for, a window of rows moves ahead of the reader and
/// has its sentences written.
/// </summary>
internal sealed class SynthesizedTextCursor : LookAheadCursor
{
    private readonly IHost _host;
    private readonly TripletColumns _columns;
    private readonly TripletSynthesisTransformer _transformer;
    private readonly Func<string>? _readText;
    private SynthesisPass.Place[] _places = [];                               // by slot
    private SynthesisPass? _pass;
    private SynthesisEngine? _engine;
    private SynthesisOutcome? _outcome;
    private long _outcomeAt = -1, _reads;

    public SynthesizedTextCursor(IHost host, DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text,
        TripletColumns columns, TripletSynthesisTransformer transformer)
        : base(host, input, bindings, active)
    {
        (_host, _columns, _transformer) = (host, columns, transformer);
        if (AnyAdded) _readText = TextColumns.SingleReader(input, text);
    }

    /// <inheritdoc/>
    protected override int MostRows => Math.Max(_engine!.Window, _engine.MaxConcurrency) * _engine.SentencesPerRequest;

    /// <inheritdoc/>
    protected override bool MoveNextCore()
    {
        if (base.MoveNextCore()) return true;
        _pass?.End();
        return false;
    }

    /// <inheritdoc/>
    protected override Delegate AddedGetter(int index) => _columns.Getter(index, Current);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _pass?.Dispose();
        _pass = null;
        base.Dispose(disposing);
    }

    private SynthesisOutcome Current()
    {
        Contracts.Check(IsGood, "the cursor does not stand on a row");
        if (_outcomeAt == Position) return _outcome!;
        _host.CheckAlive();
        if (_pass is null) (_pass, _engine) = _transformer.Begin();
        LookAhead(_pass, _engine!);
        _outcome = _pass.Wait(_places[Slot]);
        (_outcomeAt, _reads) = (Position, _reads + 1);
        // A reader of texts alone may stop at the last one; one that moves on meets the end there.
        if (SourceEnded && Kept == 1) _pass.End();
        return _outcome;
    }

    /// <summary>
    /// Fills the window. It holds no more sentences than were read before (but keeps every allowed request busy), so that a reader of the
    /// first rows (Preview, TakeRows) does not pay for many.
    /// </summary>
    private void LookAhead(SynthesisPass pass, SynthesisEngine engine)
    {
        int size = engine.SentencesPerRequest;
        long rows = Math.Max(_reads, (long)engine.MaxConcurrency * size);
        while (Kept < rows && KeepRow(out int slot))
        {
            if (_places.Length == 0) _places = new SynthesisPass.Place[CanLookAhead ? MostRows : 1];
            long row = Position + Kept - 1;
            // Groups are the same for every reader that begins at the first row.
            _places[slot] = pass.Add(new SentenceJob(_readText!(), PlaceOf(slot, row)), last: !CanLookAhead || (row + 1) % size == 0);
        }
        if (SourceEnded) pass.Start();
    }

    /// <summary>The row's place in the input: most sources number their rows, in any order; else its place in this reading.</summary>
    private long PlaceOf(int slot, long row)
    {
        var id = IdAt(slot);
        return id is { High: 0, Low: <= long.MaxValue } ? (long)id.Low : row;
    }
}
