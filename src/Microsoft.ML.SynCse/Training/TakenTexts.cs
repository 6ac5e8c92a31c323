namespace Microsoft.ML.SynCse.Training;

/// <summary>The texts of the rows that a batch has so far.</summary>
internal sealed class TakenTexts
{
    private readonly HashSet<int> _anchors = [], _positives = [], _all = [];

    /// <summary>Takes a row unless it shares its anchor with a row that is there, or a positive of one is a text of the other.</summary>
    public bool TryAdd(RowTexts row)
    {
        if (_anchors.Contains(row.Anchor) || row.Positives.Any(_all.Contains) || row.All.Any(_positives.Contains)) return false;
        _anchors.Add(row.Anchor);
        _positives.UnionWith(row.Positives);
        _all.UnionWith(row.All);
        return true;
    }
}
