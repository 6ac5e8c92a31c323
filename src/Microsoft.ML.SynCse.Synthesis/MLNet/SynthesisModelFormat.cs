using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>A synthesis step inside an ML.NET model: a header in the main stream (<see cref="ModelHeaderFormat{T}"/>), nothing beside it.</summary>
internal static class SynthesisModelFormat
{
    // Part of every saved model, as those of EmbeddingModelFormat are: frozen.
    internal const string LoaderSignature = "SynCseTriplets";
    internal const string ModelSignature = "SYNCSETR";

    // 0x00010001 = 1.1. A version that older code can still read raises Written only; one that it cannot raises Readable too.
    internal const uint Written = 0x00010001;
    private const uint Readable = 0x00010001;
    private const uint OldestRead = 0x00010001;

    private static readonly ModelHeaderFormat<SynthesisModelHeader> Header = new("SynCse triplet synthesis",
        new(ModelSignature, Written, Readable, OldestRead, typeof(SynthesisModelFormat).Assembly.GetName().Name, LoaderSignature), SynthesisModelJson.Default.SynthesisModelHeader);

    /// <summary>Writes the header.</summary>
    public static void Save(ModelSaveContext context, SynthesisModelHeader header)
    {
        Header.Begin(context);
        Header.Write(context, header);
    }

    /// <summary>Reads what <see cref="Save"/> wrote: a step without a client.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged.</exception>
    public static TripletSynthesisTransformer Load(IHostEnvironment environment, ModelLoadContext context)
    {
        var header = Header.Read(context);
        try
        {
            header.Options.ToOptions().Validate();
        }
        catch (ArgumentException error)
        {
            throw Header.Damaged(context, error);
        }
        return new TripletSynthesisTransformer(environment, header, engine: null);
    }
}

/// <summary>What a saved synthesis step keeps: never the client, a key, or a text that was written.</summary>
internal sealed record SynthesisModelHeader
{
    public required string InputColumn { get; init; }

    public required string PositiveColumn { get; init; }

    public required string NegativeColumn { get; init; }

    public required SynthesisModelOptions Options { get; init; }
}

/// <summary>The JSON of <see cref="SynthesisModelHeader"/>.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(SynthesisModelHeader))]
internal sealed partial class SynthesisModelJson : JsonSerializerContext;

/// <summary>What of <see cref="TripletSynthesisOptions"/> a model file holds: all but what is code (rules of one's own, pair checks, delegates, loggers), of which it holds the names, and the journal's path, which belongs to the machine.</summary>
internal sealed record SynthesisModelOptions
{
    public string? ModelId { get; init; }

    public required int Seed { get; init; }

    public required int MaxConcurrency { get; init; }

    public required int MaxAttempts { get; init; }

    public int? MaxRejectedInARow { get; init; }

    public required TimeSpan RequestTimeout { get; init; }

    public required int MaxRetries { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    public required TimeSpan MaxRetryDelay { get; init; }

    public required PromptLibrary PromptLibrary { get; init; }

    public required ReplyFormat ReplyFormat { get; init; }

    /// <summary>Files of before it was there lack it.</summary>
    public InstructionPlacement InstructionPlacement { get; init; }

    public required int ExemplarsPerRequest { get; init; }

    public required bool OneRequestPerSentence { get; init; }

    public required int SentencesPerRequest { get; init; }

    public required int PositivesPerSentence { get; init; }

    public required int NegativesPerSentence { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? MaxOutputTokens { get; init; }

    public SynthesisLimits? Limits { get; init; }

    public TokenPrices? Prices { get; init; }

    public required bool LogSentences { get; init; }

    /// <summary>The names of all rules, in their order.</summary>
    public required IReadOnlyList<string> Rules { get; init; }

    /// <summary>Those of them that are not of <see cref="ReplyRules.Default"/>.</summary>
    public required IReadOnlyList<string> OwnRules { get; init; }

    /// <summary>The names of the pair checks.</summary>
    public required IReadOnlyList<string> PairChecks { get; init; }

    /// <summary>The names of the options that are delegates or loggers and were set.</summary>
    public required IReadOnlyList<string> Delegates { get; init; }

    /// <summary>What can be saved of these options.</summary>
    public static SynthesisModelOptions Of(TripletSynthesisOptions o) => new()
    {
        ModelId = o.ModelId,
        Seed = o.Seed,
        MaxConcurrency = o.MaxConcurrency,
        MaxAttempts = o.MaxAttempts,
        MaxRejectedInARow = o.MaxRejectedInARow,
        RequestTimeout = o.RequestTimeout,
        MaxRetries = o.MaxRetries,
        RetryDelay = o.RetryDelay,
        MaxRetryDelay = o.MaxRetryDelay,
        PromptLibrary = o.PromptLibrary,
        ReplyFormat = o.ReplyFormat,
        InstructionPlacement = o.InstructionPlacement,
        ExemplarsPerRequest = o.ExemplarsPerRequest,
        OneRequestPerSentence = o.OneRequestPerSentence,
        SentencesPerRequest = o.SentencesPerRequest,
        PositivesPerSentence = o.PositivesPerSentence,
        NegativesPerSentence = o.NegativesPerSentence,
        Temperature = o.Temperature,
        TopP = o.TopP,
        MaxOutputTokens = o.MaxOutputTokens,
        Limits = o.Limits,
        Prices = o.Prices,
        LogSentences = o.LogSentences,
        Rules = [.. o.Rules.Select(r => r.Name)],
        OwnRules = [.. o.Rules.Where(r => !ReplyRules.Default.Contains(r)).Select(r => r.Name)],
        PairChecks = [.. o.PairChecks.Select(c => c.Name)],
        Delegates = [.. SetDelegates(o)],
    };

    /// <summary>The options, without what a file cannot hold.</summary>
    public TripletSynthesisOptions ToOptions() => new()
    {
        ModelId = ModelId,
        Seed = Seed,
        MaxConcurrency = MaxConcurrency,
        MaxAttempts = MaxAttempts,
        MaxRejectedInARow = MaxRejectedInARow,
        RequestTimeout = RequestTimeout,
        MaxRetries = MaxRetries,
        RetryDelay = RetryDelay,
        MaxRetryDelay = MaxRetryDelay,
        PromptLibrary = PromptLibrary,
        ReplyFormat = ReplyFormat,
        InstructionPlacement = InstructionPlacement,
        ExemplarsPerRequest = ExemplarsPerRequest,
        OneRequestPerSentence = OneRequestPerSentence,
        SentencesPerRequest = SentencesPerRequest,
        PositivesPerSentence = PositivesPerSentence,
        NegativesPerSentence = NegativesPerSentence,
        Temperature = Temperature,
        TopP = TopP,
        MaxOutputTokens = MaxOutputTokens,
        Limits = Limits,
        Prices = Prices,
        LogSentences = LogSentences,
        Rules = [.. Rules.Where(name => !IsForeign(name)).Select(name => ReplyRules.Default.First(r => r.Name == name))],
    };

    /// <summary>Throws where something that changes texts was there when these were made, and is not in the options given now.</summary>
    /// <exception cref="InvalidOperationException">Names what is missing, and how to give it.</exception>
    public void RequireAgain(TripletSynthesisOptions given, string columns)
    {
        string[] rules = [.. Rules.Except(given.Rules.Select(r => r.Name)).Where(IsForeign)], checks = [.. PairChecks.Except(given.PairChecks.Select(c => c.Name))];
        bool redact = Delegates.Contains(nameof(given.Redact)) && given.Redact is null;
        if (rules.Length == 0 && checks.Length == 0 && !redact) return;
        List<string> missing = [];
        if (rules.Length > 0) missing.Add($"{nameof(given.Rules)} with {Names(rules)}");
        if (checks.Length > 0) missing.Add($"{nameof(given.PairChecks)} with {Names(checks)}");
        if (redact) missing.Add(nameof(given.Redact));
        throw new InvalidOperationException($"The synthesis step {columns} was made with parts that a model file cannot hold, and without them it would write other texts: {string.Join("; ", missing)}. "
            + "Give them again: UseChatClient(client, options => options with { ... }).");
    }

    /// <summary>Whether a rule is the user's, or one that this version no longer has.</summary>
    private bool IsForeign(string rule) => OwnRules.Contains(rule) || ReplyRules.Default.All(r => r.Name != rule);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));

    private static IEnumerable<string> SetDelegates(TripletSynthesisOptions o)
    {
        if (o.Redact is not null) yield return nameof(o.Redact);
        if (o.CountTokens is not null) yield return nameof(o.CountTokens);
        if (o.ClassifyFault is not null) yield return nameof(o.ClassifyFault);
        if (o.Logger is not null) yield return nameof(o.Logger);
    }
}
