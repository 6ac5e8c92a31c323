namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Cuts sentences into batches of like length, so that little padding is computed.</summary>
internal static class LengthSortedBatches
{
    /// <summary>Plans batches; every sentence is in exactly one.</summary>
    /// <param name="lengths">Tokens of each sentence.</param>
    /// <param name="maxTokens">Rows times the longest row of a batch stays within this, except for one sentence alone.</param>
    /// <returns>Indices into <paramref name="lengths"/>, longest sentences first: what needs the most memory comes at once.</returns>
    public static IReadOnlyList<int[]> Plan(IReadOnlyList<int> lengths, int maxTokens)
    {
        var order = Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i]).ToArray();    // stable: equal input, equal batches
        var batches = new List<int[]>();
        for (int start = 0; start < order.Length;)
        {
            int count = Math.Clamp(maxTokens / lengths[order[start]], 1, order.Length - start);
            batches.Add(order[start..(start + count)]);
            start += count;
        }
        return batches;
    }
}
