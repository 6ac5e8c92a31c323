namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>
/// Cuts one text at its delimiters: is told of the stretches of the text in their order, which are delimiters and which are not,
/// and hands on the pieces.
/// </summary>
internal ref struct DelimiterCut(ReadOnlySpan<char> text, bool atStart, SplitBehavior behavior, IPieceSink sink)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _start, _end;
    private bool _any, _afterDelimiter;

    /// <summary>The next stretch, from where the one before ended; an empty one still keeps its neighbours apart.</summary>
    /// <returns>False where the sink has enough.</returns>
    public bool Add(int end, bool isDelimiter)
    {
        if (_any && CutsBefore(isDelimiter))
        {
            if (!Finish()) return false;
            _start = _end;
        }
        (_any, _afterDelimiter, _end) = (true, isDelimiter, end);
        return true;
    }

    /// <summary>Hands on the last piece.</summary>
    /// <returns>False where the sink has enough.</returns>
    public readonly bool Finish() =>
        _end == _start || (behavior == SplitBehavior.Removed && _afterDelimiter) || sink.Add(_text[_start.._end], atStart && _start == 0);

    private readonly bool CutsBefore(bool isDelimiter) => behavior switch
    {
        SplitBehavior.MergedWithPrevious => _afterDelimiter || !isDelimiter,
        SplitBehavior.MergedWithNext => isDelimiter || !_afterDelimiter,
        SplitBehavior.Contiguous => _afterDelimiter != isDelimiter,
        _ => true,
    };
}
