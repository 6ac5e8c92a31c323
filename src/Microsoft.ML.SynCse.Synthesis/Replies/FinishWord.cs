using System.Collections.Frozen;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>
/// Reads finish reasons of all providers and servers, as OpenAI's client or any other passes them on. Only words that are known for a good
/// end make a reply a whole one.
/// </summary>
internal static class FinishWord
{
    /// <summary>What stands before the word in the names of rules and faults.</summary>
    public const string Prefix = "finish-";

    private const int LongestName = 40;

    // Of enumerations whose full names get through: FINISH_REASON_STOP (Google), REASON_EOS (xAI), FinishReason.STOP (Python).
    private static readonly string[] _heads = ["chatfinishreason", "finishreason", "stopreason", "completionreason", "reason"];

    // All by their letters and digits alone: "stop_sequence", "STOP_SEQUENCE" and "stopSequence" are one word.
    private static readonly FrozenDictionary<string, FinishKind> _kinds = Table(
    [
        (FinishKind.Ended, """
            stop eos eostoken eosfound eot eottoken eotid eom eomid eog eogtoken endturn endofturn endoftext endofsequence endofmessage
            endoutput end ended stopsequence stopsequencereached stoptoken stopstring stopstr stopstringfound stopword stoptrigger word
            complete completed done finish finished success succeeded normal natural naturalstop null none
            """),
        // The model ended its turn itself; gateways that get JSON by way of a tool leave the word, and the text is there.
        (FinishKind.Ended, "toolcalls toolcall tooluse functioncall functioncalls"),
        (FinishKind.Cut, """
            length lengthreasoning lengthlimit maxtokens maxtoken maxoutput maxoutputtokens maxcompletiontokens maxnewtokens
            maxgeneratedtokens maxpredictedtokensreached maximumtokens maxtokensreached maxtokensexceeded maxlength maxlen modellength
            limit tokenlimit tokenlimitreached outputlimit truncated
            """),
        (FinishKind.Filtered, """
            contentfilter contentfiltered filtered safety imagesafety recitation prohibitedcontent blocklist blocked spii sensitive
            guardrail guardrailintervened modelarmor moderation moderated errortoxic toxic contentpolicy contentpolicyviolation
            policyviolation
            """),
        (FinishKind.Refused, "refusal refused"),
        (FinishKind.Interrupted, """
            insufficientsystemresource insufficientsystemresources insufficientresource insufficientresources resourceexhausted
            networkerror connectionerror overloaded overloadederror overload serveroverloaded serverbusy busy timeout timedout timelimit
            deadlineexceeded unavailable serviceunavailable servererror internalerror internalservererror ratelimit ratelimited
            ratelimitexceeded preempted modelunloaded
            """),
    ]);

    /// <summary>What a finish reason says.</summary>
    /// <param name="word">The word; null or blank if there is none.</param>
    public static FinishKind KindOf(string? word)
    {
        if (string.IsNullOrWhiteSpace(word)) return FinishKind.Ended;
        // Google's and others' compatible servers add what it was: "content_filter: RECITATION".
        string key = string.Concat(word.Split(':')[0].Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        if (_kinds.TryGetValue(key, out var kind)) return kind;
        foreach (string head in _heads)
        {
            if (key.StartsWith(head, StringComparison.Ordinal) && _kinds.TryGetValue(key[head.Length..], out kind)) return kind;
        }
        return FinishKind.Failed;
    }

    /// <summary>The word as a name for journal and report: <c>finish-abort</c>.</summary>
    public static string Name(string word)
    {
        string clean = SecretMask.Clean(word.Trim());
        if (clean.Length > LongestName) clean = clean[..LongestName];
        return Prefix + string.Concat(clean.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-'));
    }

    /// <summary>What it means for the reply.</summary>
    public static string Explain(string word)
        => SecretMask.Clean($"the server ended the reply with finish_reason '{word}', so it is not whole");

    /// <summary>The fault of a request whose reply a passing trouble ended; null if that is not so.</summary>
    public static SynthesisFault? Fault(string? word) => KindOf(word) == FinishKind.Interrupted
        ? new(SynthesisFaultKind.Transient, Name(word!)) { Message = Explain(word!) } : null;

    private static FrozenDictionary<string, FinishKind> Table((FinishKind Kind, string Words)[] rows)
        => rows.SelectMany(row => row.Words.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => KeyValuePair.Create(word, row.Kind))).ToFrozenDictionary(StringComparer.Ordinal);
}

/// <summary>What a provider's finish reason says of a reply.</summary>
internal enum FinishKind
{
    /// <summary>The model came to its own end, or the provider gave no reason.</summary>
    Ended,

    /// <summary>The tokens that the reply may have were used up.</summary>
    Cut,

    /// <summary>The provider withheld it or a part of it.</summary>
    Filtered,

    /// <summary>The model refused.</summary>
    Refused,

    /// <summary>A trouble of the server's that passes: the same request may succeed a little later.</summary>
    Interrupted,

    /// <summary>Any other end, known or not: the reply is not taken for a whole one.</summary>
    Failed,
}
