namespace Microsoft.ML.SynCse.Tests;

/// <summary>Makes bad replies of many kinds, the same for the same seed.</summary>
internal static class HostileReplies
{
    private static readonly string[] Anchors =
    [
        "My parcel has been stuck in Leipzig for four days.", "How do I change the address of my order?", "The red lamp on the router blinks twice a second.", "Can two people share one ticket?",
        "The committee approved the budget by seven votes to two.", "She left the office before her colleagues came back.", "Turn the valve to the right until it clicks.", "The battery lasts about nine hours when the screen is dim.",
        "Prices rose by 5 % in March.", "Who repaired the roof of the old station?", "The recipe needs 200 g of butter and three eggs.", "Our flight was moved to gate B12 without notice.", "No refunds after thirty days.",
        "Please send the contract to both parties.", "I would rather walk than wait for the bus.", "The striker scored twice in the last ten minutes.", "Snow is expected in the hills on Friday.", "He plays the cello in a small orchestra.",
        "The new version crashes when I open two windows.", "Is breakfast included in the price of the room?", "A child in a yellow coat feeds the ducks.", "Two men are lifting a piano up the stairs.", "The bridge will be closed from Monday on.",
        "Water boils at a lower temperature on high mountains.", "They have lived next to the bakery since 1998.", "The judge rejected the appeal on Tuesday.", "My card was charged twice for the same order.", "Where can I find the serial number of the device?",
        "The museum opens at ten and closes at six.", "Keep the medicine away from children.", "Der Zug nach Hamburg fällt heute leider aus.", "Wie kann ich mein Passwort zurücksetzen?", "Le magasin ferme à dix-neuf heures le samedi.",
        "Où puis-je retirer mon colis ce soir ?", "El pedido llegó con dos días de retraso.", "¿Cuánto cuesta enviar un paquete a Chile?", "Il treno per Bari parte dal terzo binario.", "A reunião foi adiada para a próxima semana.",
        "Поезд в Казань отправляется в восемь утра.", "Где находится ближайшая аптека?", "荷物がまだ届いていません。", "明日の会議は何時に始まりますか。", "这家商店星期天不营业。", "我的订单什么时候能到?", "배송이 이틀 늦어지고 있습니다.", "وصلت الشحنة متأخرة يومين.",
    ];

    private static readonly string[] Refusals =
    [
        "I'm sorry, but I can't help with that.", "I’m sorry, but I can’t assist with this request.", "I cannot assist with that request.", "As an AI language model, I do not have opinions about this.", "Sorry, I can't do that.", "I apologize, but I cannot fulfill this request.",
        "I'm unable to help with that.", "I can't comply with this.", "I cannot generate this kind of text.", "Es tut mir leid, aber ich kann dabei nicht helfen.", "Als KI-Sprachmodell habe ich keine Meinung.", "Je suis désolé, mais je ne peux pas répondre à cette demande.",
        "En tant que modèle de langage, je ne peux pas faire cela.", "Lo siento, pero no puedo ayudarte con eso.", "Como modelo de lenguaje no puedo hacer eso.", "Mi dispiace, ma non posso aiutarti.", "Desculpe, mas não posso ajudar com isso.", "Извините, но я не могу помочь с этим.",
        "对不起，我无法回答这个问题。", "抱歉，我无法提供帮助。", "申し訳ありませんが、その質問にはお答えできません。", "죄송하지만 도와드릴 수 없습니다.",
    ];

    private static readonly string[] Preambles = ["Sure! Here is a paraphrase:", "Here is the rewritten sentence:", "Here's a hard negative:", "Certainly! Here is the sentence:", "Of course! Here you go:", "Hier ist die Umschreibung:", "Voici la phrase réécrite :", "Aquí está la frase:", "以下是改写：", "もちろん。回答："];

    private static readonly string[] Questions =
    [
        "Could you please provide the sentence you would like me to rewrite?", "What sentence would you like me to rewrite?", "Which sentence should I rewrite for you?", "Please provide the sentence.", "I'm ready to rewrite. Please share the sentence you have in mind.",
        "Welchen Satz soll ich umschreiben?", "Quelle phrase voulez-vous que je réécrive ?", "Por favor, proporciona la frase que quieres cambiar.",
    ];

    private static readonly string[] Templates = ["<|im_end|>", "</s>", "[/INST]", "<|endoftext|>", "<end_of_turn>", "</sentence>", "\"}", "```", "<|eot_id|>", "</think>"];

    /// <summary>The replies.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Other replies for another seed.</param>
    /// <param name="numbered">Whether each has an anchor of its own.</param>
    public static IEnumerable<HostileReply> Generate(int count, int seed, bool numbered = false)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            string anchor = Anchors[random.Next(Anchors.Length)];
            if (numbered) anchor = $"N {i} {anchor}";
            // A giant now and then.
            yield return i % 1000 == 999 ? new("giant", anchor, Giant(anchor, random)) : Make(random.Next(22), anchor, random);
        }
    }

    /// <summary>A text that the rules let pass for an anchor, in its own script.</summary>
    public static string Good(string anchor)
    {
        string end = anchor[^1..];
        string[] words = anchor[..^1].Split(' ');
        return words.Length > 2 ? $"{string.Join(' ', words[^2..])}, {string.Join(' ', words[..^2])}{end}" : anchor[(anchor.Length / 2)..^1] + anchor[..(anchor.Length / 2)] + end;
    }

    private static HostileReply Make(int kind, string anchor, Random random)
    {
        string good = Good(anchor);
        return kind switch
        {
            0 => new("refusal", anchor, Mutate(Pick(Refusals, random), random)),
            1 => new("preamble", anchor, $"{Pick(Preambles, random)} {good}"),
            2 => new("question back", anchor, Pick(Questions, random)),
            3 => new("explanation", anchor, $"{good} {Pick(["Explanation: other words were used.", "(Note: the meaning is preserved.)", "This sentence means the same as the original sentence.", "Note that I kept the tone."], random)}"),
            4 => new("copy", anchor, Copy(anchor, random)),
            5 => new("empty", anchor, Pick(["", " ", "\n\n", "...", "\"\"", "​", "-", "“”", "\t.", "***"], random)),
            6 => new("several lines", anchor, Pick([$"{good}\n{anchor}", $"1. {good}\n2. {good}", $"{good}\r\n\r\nAnother one.", $"- {good}\n- {good}"], random)),
            7 => new("other script", anchor, anchor.All(c => c < 0x250) ? Pick(["Посылка всё ещё не пришла, и никто не знает почему.", "これはまったく別の言語の文です。", "هذه جملة بلغة أخرى تماما"], random) : "This is a sentence in quite another script."),
            8 => new("too long", anchor, string.Join(' ', Enumerable.Repeat(good, 5 + random.Next(20)))),
            9 => new("template debris", anchor, random.Next(2) == 0 ? good + Pick(Templates, random) : $"{Pick(["<|im_start|>assistant ", "[INST] ", "<s> ", "### Response ", "<sentence>"], random)}{good}"),
            10 => new("JSON debris", anchor, Pick([$"{{\"sentence\": \"{good}", $"\"sentence\": \"{good}\"}}", $"{good}\"}}", $"{{\"results\":[{{\"id\":1,\"positives\":[\"{good}\"", $"{good}\\n\\n"], random)),
            11 => new("fence", anchor, Pick([$"```\n{good}\n```", $"```json {good}", $"~~~{good}~~~"], random)),
            12 => new("half character", anchor, good.Insert(random.Next(good.Length), Pick(["\ud83d", "\udc00", "\ufffd", "\ufffe", "\ue000"], random))),
            13 => new("flood of marks", anchor, good + "a" + new string('\u0301', 40 + random.Next(400))),
            14 => new("truncated", anchor, good[..(good.Length / 2)], Truncated: true),
            15 => new("filtered", anchor, random.Next(2) == 0 ? "" : good, Filtered: true),
            16 => new("quotes to take off", anchor, Wrap(good, Pick(["\"|\"", "“|”", "„|“", "«|»", "'|'", "`|`", "「|」", "**|**"], random)), good),
            17 => new("list mark to take off", anchor, Pick(["1. ", "- ", "* ", "2) ", "• ", "a) "], random) + good, good),
            18 => new("label to take off", anchor, Pick(["Paraphrase: ", "Positive: ", "Hard negative: ", "Rewritten sentence: ", "Answer: ", "**Answer:** ", "Antwort: ", "Réponse : ", "Respuesta: "], random) + good, good),
            19 => new("invisible to take off", anchor, Pick(["\ufeff", "\u200b", "\u200e", "\0", "\u2060"], random) + good + Pick(["\u200b", "\u0007", " \n"], random), good),
            20 => new("layers to take off", anchor, $"Paraphrase: \"1. {good}\"", good),
            _ => new("no words", anchor, Pick(["!!! ??? ---", "😀😀😀", "——————", "{}", "[]", "()", "\"\" \"\""], random)),
        };
    }

    private static string Copy(string anchor, Random random) => Pick([anchor, anchor.ToUpperInvariant(), anchor.TrimEnd('.', '?', '。'), $" {anchor} ", $"\"{anchor}\"", anchor.Replace(" ", "  ", StringComparison.Ordinal), anchor + "!", $"1. {anchor}", $"Sentence: {anchor}", anchor[..1] + "\u200b" + anchor[1..]], random);

    private static string Mutate(string text, Random random) => random.Next(6) switch
    {
        0 => text.ToUpperInvariant(),
        1 => $"\"{text}\"",
        2 => $"  {text}  ",
        3 => $"{text} Is there something else?",
        4 => $"- {text}",
        _ => text,
    };

    private static string Wrap(string text, string pair) => $"{pair.Split('|')[0]}{text}{pair.Split('|')[1]}";

    private static string Giant(string anchor, Random random)
    {
        int length = 50_000 << random.Next(7);                                                              // up to 3 MB
        return random.Next(4) switch
        {
            0 => new string('a', length),
            1 => string.Concat(Enumerable.Repeat(anchor + " ", length / anchor.Length)),
            2 => new string('\u0301', length),
            _ => new string(Enumerable.Range(0, length).Select(_ => (char)random.Next(1, 0xFFFF)).ToArray()),
        };
    }

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
