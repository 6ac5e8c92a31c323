using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>
/// Writes requests: a function of the options, the draws and the sentences, so that the same request has the same key in every run.
/// </summary>
internal sealed class RequestFactory
{
    // Part of every key: raise it if older requests must not be taken for those of now.
    private const string KeyVersion = "1";

    // What a chat template may put around a message, and around all of them, in tokens; generous.
    private const int TokensPerMessage = 16;
    private const int TokensPerRequest = 64;

    private readonly TripletSynthesisOptions _options;
    private readonly PromptLibrary _library;
    private readonly TaskDraws _draws;
    private readonly string? _model;

    // The same few texts stand in every request.
    private readonly ConcurrentDictionary<SynthesisPrompt, PreparedMessage> _instructions = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<SynthesisExemplar, (PreparedMessage Given, PreparedMessage Answer)> _turns =
        new(ReferenceEqualityComparer.Instance);

    /// <param name="options">The options.</param>
    /// <param name="model">The model's name in keys and in the journal.</param>
    public RequestFactory(TripletSynthesisOptions options, string? model)
    {
        (_options, _library, _model) = (options, options.PromptLibrary, model);
        _draws = new TaskDraws(_library, options.Seed, options.ExemplarsPerRequest);
    }

    /// <summary>Asks for one text of one sentence.</summary>
    public SynthesisRequest Single(string sentence, SynthesisSlot slot, int attempt)
    {
        var task = _draws.Draw(sentence, slot, attempt);
        List<PreparedMessage> messages = new(2 + 2 * task.Exemplars.Count) { _instructions.GetOrAdd(task.Prompt, Prepare) };
        foreach (var exemplar in task.Exemplars)
        {
            var (given, answer) = _turns.GetOrAdd(exemplar, Prepare);
            messages.Add(given);
            messages.Add(answer);
        }
        messages.Add(new(ChatRole.User, MessageText.Sentence(sentence)));
        return Make(slot.Kind, $"{slot.RoleName}|{slot.Index}|{attempt}", messages, ReplySchemas.Single, task.Prompt.Id, task.Answers);
    }

    /// <summary>Asks for texts of several sentences, or for several texts of one.</summary>
    /// <param name="sentences">The sentences, numbered from 1.</param>
    /// <param name="positives">Positives for each; 0: none.</param>
    /// <param name="negatives">Hard negatives for each; 0: none.</param>
    public SynthesisRequest Group(IReadOnlyList<string> sentences, int positives, int negatives)
    {
        string all = string.Join('\n', sentences);
        List<DrawnTask> tasks = [];
        List<string> parts = [];
        (SynthesisRole, int, string)[] roles =
        [
            (SynthesisRole.Positive, positives, _library.Frames.PositivePart),
            (SynthesisRole.Negative, negatives, _library.Frames.NegativePart),
        ];
        foreach (var (role, count, frame) in roles)
        {
            if (count == 0) continue;
            var task = _draws.Draw(all, new(role, 0), 0);
            tasks.Add(task);
            parts.Add(PromptFrames.Fill(frame, ("{count}", count.ToString(CultureInfo.InvariantCulture)), ("{task}", task.Prompt.Text)));
            parts.AddRange(task.Exemplars.Select(e => $"  {MessageText.Quote(e.Sentence)} -> {MessageText.Quote(e.Rewrite)}"));
        }
        var schema = ReplySchemas.Several(positives > 0, negatives > 0);
        PreparedMessage[] messages =
        [
            new(ChatRole.System, Instructions(PromptFrames.Fill(_library.Frames.Several, ("{parts}", string.Join('\n', parts))), schema)),
            new(ChatRole.User, MessageText.Sentences(sentences)),
        ];
        return Make(RequestKind.Group, $"group|{positives}|{negatives}", messages, schema, string.Join(',', tasks.Select(t => t.Prompt.Id)),
            [.. tasks.SelectMany(t => t.Answers)]);
    }

    /// <summary>Asks for sentences from nothing.</summary>
    /// <param name="list">Which list, from 0.</param>
    /// <param name="count">How many sentences.</param>
    /// <param name="genre">Their kind.</param>
    /// <param name="topics">What they are about.</param>
    public SynthesisRequest Scratch(long list, int count, string genre, IReadOnlyList<string> topics)
    {
        string system = PromptFrames.Fill(_library.Frames.Scratch, ("{count}", count.ToString(CultureInfo.InvariantCulture)),
            ("{genre}", genre), ("{topics}", string.Join(", ", topics)));
        PreparedMessage[] messages =
        [
            new(ChatRole.System, Instructions(system, ReplySchemas.Sentences)),
            new(ChatRole.User, MessageText.List(count, genre, topics)),
        ];
        return Make(RequestKind.Scratch, string.Create(CultureInfo.InvariantCulture, $"scratch|{list}"), messages, ReplySchemas.Sentences,
            "scratch", []);
    }

    /// <summary>Asks how alike two sentences are.</summary>
    public SynthesisRequest Judge(JudgeCheck judge, string first, string second, int attempt)
    {
        PreparedMessage[] messages =
        [
            new(ChatRole.System, Instructions(_library.Frames.Judge, ReplySchemas.Score)),
            new(ChatRole.User, MessageText.Pair(first, second)),
        ];
        return Make(RequestKind.Judge, $"judge|{attempt}", messages, ReplySchemas.Score, "judge", [], judge.Client, judge.Model);
    }

    private PreparedMessage Prepare(SynthesisPrompt prompt)
        => new(ChatRole.System, Instructions(PromptFrames.Fill(_library.Frames.Single, ("{task}", prompt.Text)), ReplySchemas.Single));

    private static (PreparedMessage Given, PreparedMessage Answer) Prepare(SynthesisExemplar exemplar)
        => (new(ChatRole.User, MessageText.Sentence(exemplar.Sentence)), new(ChatRole.Assistant, MessageText.Sentence(exemplar.Rewrite)));

    private string Instructions(string text, ReplySchema schema)
        => _options.ReplyFormat == ReplyFormat.JsonSchema ? text
            : $"{text}\n{PromptFrames.Fill(_library.Frames.JsonText, ("{example}", schema.Example))}";

    // The first message is the system's, the second a user's: user and assistant still take turns, which such models insist on.
    private static PreparedMessage[] WithoutSystem(IReadOnlyList<PreparedMessage> messages)
        => [new(ChatRole.User, $"{messages[0].Text}\n\n{messages[1].Text}"), .. messages.Skip(2)];

    private SynthesisRequest Make(RequestKind kind, string purpose, IReadOnlyList<PreparedMessage> messages, ReplySchema schema,
        string prompts, IReadOnlyList<string> answers,
        IChatClient? client = null, string? otherModel = null)
    {
        bool structured = _options.ReplyFormat == ReplyFormat.JsonSchema;
        if (_options.InstructionPlacement == InstructionPlacement.User) messages = WithoutSystem(messages);
        string? model = client is null ? _model : otherModel;
        var options = new ChatOptions
        {
            ModelId = client is null ? _options.ModelId : null,
            Temperature = _options.Temperature,
            TopP = _options.TopP,
            MaxOutputTokens = _options.MaxOutputTokens,
            ResponseFormat = structured ? schema.Format : null,
        };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = structured ? schema.Bytes : 0;
        Append(hash, KeyVersion);
        Append(hash, purpose);
        Append(hash, model ?? "");
        Append(hash, string.Create(CultureInfo.InvariantCulture,
            $"{options.Temperature}|{options.TopP}|{options.MaxOutputTokens}|{(structured ? schema.Text : "")}"));
        foreach (var message in messages)
        {
            Append(hash, message.Role.Value);
            bytes += Append(hash, message.Bytes);
        }
        return new SynthesisRequest
        {
            Kind = kind,
            Key = hash.GetHashAndReset(),
            Messages = [.. messages.Select(m => m.ToMessage())],
            Options = options,
            Prompts = prompts,
            ExemplarAnswers = answers,
            InputBound = bytes + TokensPerMessage * messages.Count + TokensPerRequest,
            Client = client,
            Model = model,
        };
    }

    // Each part with its length before it, so that no two lists of parts give the same bytes.
    private static void Append(IncrementalHash hash, string text) => Append(hash, Encoding.UTF8.GetBytes(text));

    private static int Append(IncrementalHash hash, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
        return bytes.Length;
    }
}

/// <summary>A message's text with its UTF-8 bytes, made once because it stands in many requests.</summary>
/// <param name="Role">The role of its author.</param>
/// <param name="Text">What is said.</param>
internal sealed record PreparedMessage(ChatRole Role, string Text)
{
    /// <summary>The text's UTF-8 bytes.</summary>
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(Text);

    /// <summary>A message of its own for a request: clients may change what they are given.</summary>
    public ChatMessage ToMessage() => new(Role, Text);
}

/// <summary>
/// What stands in user and assistant messages: sentences as JSON data, so that a model does not take them for instructions; letters of all
/// scripts stay as they are.
/// </summary>
internal static class MessageText
{
    private static readonly MessageJson _readable = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    });

    /// <summary>One sentence, as it is given and as it is answered.</summary>
    public static string Sentence(string sentence) => JsonSerializer.Serialize(new OneSentence(sentence), _readable.OneSentence);

    /// <summary>Several sentences, numbered from 1.</summary>
    public static string Sentences(IReadOnlyList<string> sentences)
        => JsonSerializer.Serialize(new SeveralSentences([.. sentences.Select((s, i) => new NumberedSentence(i + 1, s))]),
            _readable.SeveralSentences);

    /// <summary>What a list of sentences should be.</summary>
    public static string List(int count, string genre, IReadOnlyList<string> topics)
        => JsonSerializer.Serialize(new SentenceList(count, genre, topics), _readable.SentenceList);

    /// <summary>Two sentences to compare.</summary>
    public static string Pair(string first, string second)
        => JsonSerializer.Serialize(new SentencePair(first, second), _readable.SentencePair);

    /// <summary>A text in quotes.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text, _readable.String);

    internal sealed record OneSentence(string Sentence);

    internal sealed record NumberedSentence(int Id, string Sentence);

    internal sealed record SeveralSentences(IReadOnlyList<NumberedSentence> Sentences);

    internal sealed record SentenceList(int Count, string Genre, IReadOnlyList<string> Topics);

    internal sealed record SentencePair(string First, string Second);
}

/// <summary>The JSON of <see cref="MessageText"/>.</summary>
[JsonSerializable(typeof(MessageText.OneSentence))]
[JsonSerializable(typeof(MessageText.SeveralSentences))]
[JsonSerializable(typeof(MessageText.SentenceList))]
[JsonSerializable(typeof(MessageText.SentencePair))]
[JsonSerializable(typeof(string))]
internal sealed partial class MessageJson : JsonSerializerContext;
