using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Loads what was mutated, one after the other, and keeps count of what came of it.</summary>
/// <param name="load">Loads the encoder as a user does.</param>
/// <param name="whole">The file before.</param>
/// <param name="write">Puts the file where <paramref name="load"/> looks.</param>
/// <param name="place">The folder or the zip, which the message of a refusal must name.</param>
/// <param name="files">Files of a folder; the message must name one of them too.</param>
internal sealed class MutationRun(Func<SentenceEncoder> load, byte[] whole, Action<byte[]> write, string place, params string[] files)
{
    private static readonly string[] _sentences = ["a cat", "the dog is late", ""];
    private const int LargeObject = 85_000;                             // .NET's own bound: from here on generation 2
    private readonly SortedDictionary<string, (int Loaded, int Refused)> _counts = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    /// <summary>The slowest load.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The largest growth of the process in it.</summary>
    public long Peak { get; private set; }

    public int Loaded => _counts.Values.Sum(c => c.Loaded);

    public int Refused => _counts.Values.Sum(c => c.Refused);

    /// <summary>What must not be: another exception, a message without a name, a broken rule that nobody noticed.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Counts by kind.</summary>
    public string Counts
        => string.Join("\n", _counts.Select(c => $"    {c.Key,-34} loaded {c.Value.Loaded,4}  refused {c.Value.Refused,4}"));

    /// <summary>Makes and loads mutations.</summary>
    public void Run(Func<byte[], Random, Mutation> make, int count, int seed)
    {
        load().Dispose();                                               // else nothing below would say anything
        var seeds = new Random(seed);
        var mutations = Enumerable.Range(0, count).Select(_ => seeds.Next()).Select(s => (Seed: s, Mutation: make(whole, new Random(s))))
            .ToArray();
        void All()
        {
            foreach (var (each, mutation) in mutations)
            {
                Load(mutation, each);
                GC.Collect(whole.Length < LargeObject ? 1 : 2);         // the garbage of one load is not the next one's
            }
        }

        if (ProcessMemory.CanMeasure) Peak = Math.Max(Peak, ProcessMemory.PeakGrowth(All));
        else All();
        write(whole);
    }

    private void Load(Mutation mutation, int seed)
    {
        write(mutation.Content);
        long start = Stopwatch.GetTimestamp();
        bool loaded = false;
        try
        {
            using var encoder = load();
            loaded = true;
            foreach (float[] vector in encoder.Encode(_sentences)) Assert.HasCount(encoder.Dimensions, vector);
            if (mutation.Structural) Fault(mutation, seed, "was loaded");
        }
        catch (InvalidDataException error) when (!loaded)
        {
            bool isNamed = error.Message.Contains(place, StringComparison.Ordinal)
                && (files.Length == 0 || files.Any(name => error.Message.Contains(name, StringComparison.Ordinal)));
            if (!isNamed) Fault(mutation, seed, $"names no file: {error.Message}");
        }
        catch (Exception error)
        {
            Fault(mutation, seed,
                $"{(loaded ? "encode" : "load")}: {error.GetType().Name}: {error.Message} "
                + $"{error.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("SynCse", StringComparison.Ordinal))}");
        }
        var time = Stopwatch.GetElapsedTime(start);
        if (time > Slowest) Slowest = time;
        string key = (mutation.Structural ? "structural: " : "") + mutation.Kind;
        var (before, refused) = _counts.GetValueOrDefault(key);
        _counts[key] = loaded ? (before + 1, refused) : (before, refused + 1);
    }

    private void Fault(Mutation mutation, int seed, string what) => _faults.Add($"{mutation.Kind} (seed {seed}) {what}");
}
