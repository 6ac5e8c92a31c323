using System.Runtime.CompilerServices;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>Cuts a sequence of sentences into groups by their place in it.</summary>
internal static class SentenceGroups
{
    /// <summary>Neighbours, as many as go into a request; the last group may be smaller.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<SentenceJob>> Of(IAsyncEnumerable<string> sentences, int size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<SentenceJob> group = [];
        long position = 0;
        await foreach (var sentence in sentences.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            group.Add(new SentenceJob(sentence ?? "", position++));
            if (group.Count < size) continue;
            yield return group;
            group = [];
        }
        if (group.Count > 0) yield return group;
    }
}
