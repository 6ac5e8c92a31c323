using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Spoils good answers.</summary>
internal static class ContentFaults
{
    private const string Declined = "I'm sorry, but I can't help with that request.";

    /// <summary>
    /// Zero width space, right-to-left override, NUL, half a surrogate pair, private use, a decomposed letter, a noncharacter:
    /// as JSON escapes, which is the only way for some.
    /// </summary>
    private static readonly string[] _oddEscapes = [@"\u200b", @"\u202e", @"\u0000", @"\ud83d", @"\ue000", @"e\u0301", @"\uffff"];

    /// <summary>Gives the answer that a model with the fault would give, with the usage of what it says.</summary>
    public static ServerBehavior Apply(ContentFault fault, ServerBehavior good, ScriptedRequest request, StableRandom random)
    {
        string finishReason = fault == ContentFault.Truncated ? "length" : good.FinishReason;
        string text = Spoil(fault, good.Text ?? "", request, random);
        return good with { Text = text, FinishReason = finishReason, Usage = good.Usage is null ? null : TokenUsage.Of(request, text) };
    }

    private static string Spoil(ContentFault fault, string good, ScriptedRequest request, StableRandom random) => fault switch
    {
        ContentFault.Refusal => random.Next(2) == 0 ? Declined : Rewrite(good, request, (_, _) => Declined),
        ContentFault.Copy => Rewrite(good, request, (source, _) => source),
        ContentFault.Preamble => random.Next(2) == 0
            ? $"Sure! Here is the JSON you asked for:\n\n{good}"
            : Rewrite(good, request, (_, answer) => $"Sure! Here is a sentence: {answer}"),
        ContentFault.Fence => $"```json\n{good}\n```",
        ContentFault.SeveralLines => Rewrite(good, request, (source, answer) => $"{answer}\n{AnswerSentence.Of("2", source)}\n{source}"),
        ContentFault.Truncated => good[..(good.Length / 2)],
        ContentFault.Empty => "",
        ContentFault.Duplicates => Rewrite(good, request, (source, _) => AnswerSentence.Of("whatever is asked", source)),
        ContentFault.OddUnicode => Rewrite(good, request, (_, answer) => answer.Insert(answer.Length / 2, "<odd>"))
            .Replace("<odd>", random.Pick<string>(_oddEscapes)),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    /// <summary>Replaces each sentence of an answer by a function of the sentence it was made for and itself.</summary>
    /// <remarks>A scratch sentence counts as made for the answer's first. A score has no sentence: it stays.</remarks>
    private static string Rewrite(string good, ScriptedRequest request, Func<string, string, string> change)
    {
        var reply = JsonNode.Parse(good)!.AsObject();
        var user = request.UserJson();
        if (reply.ContainsKey("sentence"))
            reply["sentence"] = change(user.GetProperty("sentence").GetString()!, reply["sentence"]!.GetValue<string>());
        if (reply["sentences"] is JsonArray scratch) Change(scratch, scratch[0]!.GetValue<string>(), change);
        if (reply["results"] is JsonArray results)
        {
            // Results stand in the order of the request's sentences.
            foreach (var (result, item) in results.Zip(user.GetProperty("sentences").EnumerateArray()))
            {
                string source = item.GetProperty("sentence").GetString()!;
                foreach (var answers in result!.AsObject().Select(p => p.Value).OfType<JsonArray>()) Change(answers, source, change);
            }
        }
        return reply.ToJsonString(GoodAnswers.Json);
    }

    private static void Change(JsonArray answers, string source, Func<string, string, string> change)
    {
        for (int i = 0; i < answers.Count; i++) answers[i] = change(source, answers[i]!.GetValue<string>());
    }
}
