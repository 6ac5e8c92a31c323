using System.Runtime.CompilerServices;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse;

/// <summary>Triplets in and out of a journal, without a language model.</summary>
/// <remarks>
/// The journal must not be open in another process. Files are written whole or not at all. Opening a journal checks the whole of it for
/// damage, on a thread of its own: half a second for 276,000 sentences (271 MB) that are in memory, else as long as the disk takes to read
/// them. A cancelled token ends the check too.
/// </remarks>
public static class SynthesisJournal
{
    private const int Page = 1000;

    /// <summary>The accepted sentences with their texts, in the order of their places in the input.</summary>
    /// <param name="journal">The journal's file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The journal is open in another process.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    public static async IAsyncEnumerable<SynthesisOutcome> ReadAsync(string journal,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var store = await OpenExistingAsync(journal, cancellationToken).ConfigureAwait(false);
        try
        {
            await foreach (var outcome in ReadAsync(store, cancellationToken).ConfigureAwait(false)) yield return outcome;
        }
        finally
        {
            await store.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Writes the accepted sentences with their texts to a file.</summary>
    /// <param name="journal">The journal's file.</param>
    /// <param name="file">
    /// A <c>.jsonl</c> file (objects with anchor, positives, negatives, and scores, genre, topic if there are any) or a <c>.csv</c> file
    /// (RFC 4180; columns anchor, positive, negative, or positive_1, positive_2 and so on if there are several; genre and topic if the
    /// first row has them).
    /// </param>
    /// <param name="cancellationToken">Ends the writing; the file is then as it was.</param>
    /// <returns>Rows written.</returns>
    /// <exception cref="ArgumentException">The file extension is not .jsonl or .csv.</exception>
    /// <exception cref="FileNotFoundException">There is no such journal.</exception>
    /// <exception cref="IOException">The journal is open in another process, or the file cannot be written.</exception>
    /// <exception cref="InvalidDataException"> The file is damaged or is not a journal; or its rows do not all have as many texts, which a
    /// CSV file cannot hold.
    /// </exception>
    public static async Task<long> ExportAsync(string journal, string file, CancellationToken cancellationToken = default)
    {
        var format = TripletFileFormat.Of(file);
        var store = await OpenExistingAsync(journal, cancellationToken).ConfigureAwait(false);
        try
        {
            long rows = 0;
            await AtomicFile.WriteAsync(file, WriteRowsAsync, cancellationToken).ConfigureAwait(false);
            return rows;

            async Task WriteRowsAsync(Stream stream)
                => rows = await format.WriteAsync(stream, ReadAsync(store, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            await store.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Puts triplets from a file into a journal: a synthesizer with as many texts a sentence takes them as they are, and asks for the rest.
    /// </summary>
    /// <param name="journal">The journal's file; made if there is none.</param>
    /// <param name="file">
    /// A file as <see cref="ExportAsync"/> writes it, in UTF-8. A CSV file may name its columns as other tools do (query, pos, hard_neg,
    /// negative_1 and so on) and separate fields with semicolons; scores and other columns are not read. A sentence that the journal has
    /// an accepted outcome for keeps it.
    /// </param>
    /// <param name="cancellationToken">Ends the reading; what was taken in stays.</param>
    /// <returns>Rows taken in.</returns>
    /// <exception cref="ArgumentException">The file extension is not .jsonl or .csv.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException"> A line of the file cannot be read or is no UTF-8, and the message names it; or the journal
    /// is damaged, or no journal.
    /// </exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be written.</exception>
    public static async Task<long> ImportAsync(string journal, string file, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(journal);
        var format = TripletFileFormat.Of(file);
        if (!File.Exists(file)) throw new FileNotFoundException($"There is no file '{Path.GetFullPath(file)}'.", file);
        var store = await JournalStore.OpenAsync(journal, cancellationToken).ConfigureAwait(false);
        try
        {
            long taken = 0, position = 0;
            foreach (var page in format.Read(file).Chunk(Page))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = page.Select(line => Row(line, position++)).ToArray();
                taken += await store.WriteAsync(tables => rows.Count(tables.SaveUnlessAccepted)).ConfigureAwait(false);
            }
            return taken;
        }
        finally
        {
            await store.CloseAsync().ConfigureAwait(false);
        }
    }

    private static Task<JournalStore> OpenExistingAsync(string journal, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(journal);
        if (!File.Exists(journal)) throw new FileNotFoundException($"There is no journal '{Path.GetFullPath(journal)}'.", journal);
        return JournalStore.OpenAsync(journal, cancellationToken);
    }

    private static async IAsyncEnumerable<SynthesisOutcome> ReadAsync(JournalStore store,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (long position, byte[] key) = (-1, []);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (from, after) = (position, key);
            var rows = await store.ReadAsync(tables => tables.AcceptedAfter(from, after, Page)).ConfigureAwait(false);
            foreach (var row in rows) yield return row.Outcome;
            if (rows.Count < Page) yield break;
            (position, key) = (rows[^1].Position, rows[^1].AnchorKey);
        }
    }

    private static OutcomeRow Row(TripletLine line, long position) => new(SentenceHash.Of(line.Anchor), null, position, new()
    {
        Anchor = line.Anchor,
        Example = new(line.Anchor, line.Positives, line.Negatives),
        Scores = line.Scores,
        Attempts = 0,
        FromJournal = true,
        InputTokens = 0,
        OutputTokens = 0,
        Genre = line.Genre,
        Topic = line.Topic,
    });
}
