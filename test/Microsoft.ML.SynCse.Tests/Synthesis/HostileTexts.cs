namespace Microsoft.ML.SynCse.Tests;

/// <summary>What models write in place of an answer, or around it: {0} is the answer, {1} the anchor.</summary>
internal static class HostileTexts
{
    public static readonly string[] Refusals =
    [
        "I'm sorry, but I can't assist with that request.", "I'm sorry, but I cannot help with that.", "Sorry, I can't do that.", "I apologize, but I cannot fulfill this request.",
        "I cannot provide a paraphrase of this sentence as it may be harmful.", "I can't help with creating that content.", "I am unable to comply with your request.",
        "I'm unable to generate content of that kind.", "As an AI language model, I don't have personal opinions.", "As a language model, I am not able to do this.",
        "I'm just an AI assistant and cannot judge this.", "I must respectfully decline to answer this.", "I won't be able to help with this request.", "Unfortunately, I can't rewrite this text.",
        "I'm afraid I can't help you with that.", "I do not feel comfortable rewriting this sentence.", "This request violates our content policy.", "I can’t create content that promotes hatred.",
        "It is not appropriate for me to produce such text.", "I'm not able to help with that, but I can talk about something else.", "My guidelines do not allow me to answer this.",
        "While I understand your request, I cannot assist with it.", "I understand, but as an AI language model I cannot do this.",
        "Es tut mir leid, aber ich kann dabei nicht helfen.", "Tut mir leid, ich kann diese Anfrage nicht erfüllen.", "Als KI-Sprachmodell kann ich das nicht beantworten.",
        "Leider kann ich Ihnen bei dieser Anfrage nicht helfen.", "Ich kann diesen Satz leider nicht umschreiben.", "Entschuldigung, aber ich kann diese Anfrage nicht bearbeiten.",
        "Je suis désolé, mais je ne peux pas répondre à cette demande.", "Désolé, je ne peux pas vous aider avec cela.", "En tant que modèle de langage, je ne peux pas donner d'avis.",
        "Je ne peux pas reformuler cette phrase.", "Lo siento, pero no puedo ayudarte con eso.", "Lo siento, no puedo cumplir con esa solicitud.",
        "Como modelo de lenguaje, no puedo responder a eso.", "No puedo reescribir esta frase.", "Mi dispiace, ma non posso aiutarti con questa richiesta.", "Come modello linguistico, non posso farlo.",
        "Desculpe, mas não posso ajudar com isso.", "Como um modelo de linguagem, não posso responder.", "Извините, но я не могу помочь с этим запросом.",
        "К сожалению, я не могу выполнить эту просьбу.", "Как языковая модель, я не имею мнения.", "对不起，我无法协助处理这个请求。", "很抱歉，我不能回答这个问题。", "作为一个人工智能语言模型，我没有个人观点。",
        "抱歉，我无法改写这个句子。", "申し訳ありませんが、そのご要望にはお応えできません。", "申し訳ございませんが、お手伝いできません。", "AI言語モデルとして、意見を述べることはできません。",
        "죄송하지만 그 요청은 도와드릴 수 없습니다.", "죄송합니다. 저는 AI 언어 모델이라 답변할 수 없습니다.", "عذراً، لا أستطيع المساعدة في هذا الطلب.", "بصفتي نموذجًا لغويًا، لا يمكنني الإجابة.",
        "Het spijt me, maar ik kan u daar niet mee helpen.", "Przykro mi, ale nie mogę pomóc w tej sprawie.", "Üzgünüm, bu konuda yardımcı olamam.",
    ];

    public static readonly string[] Preambles =
    [
        "Sure! Here is a paraphrase: {0}", "Sure, here's the rewritten sentence: {0}", "Of course! {0}", "Certainly! Here is one: {0}", "Here is the paraphrased sentence: {0}", "Here's one way to put it: {0}",
        "Absolutely! {0}", "Okay, here is a rewrite: \"{0}\"", "Sure thing! {0}", "The rewritten sentence is: {0}", "Below is a possible paraphrase: {0}", "A possible rewrite would be: {0}",
        "One possible paraphrase is \"{0}\"", "I would rewrite it as follows: {0}", "Here you go: {0}", "Great question! {0}", "My paraphrase of the sentence: {0}", "I'd be happy to help! {0}",
        "The paraphrased version of the sentence reads: {0}", "Let me rewrite that for you: {0}", "A sentence with the opposite meaning: {0}", "Based on the given sentence, a paraphrase could be: {0}",
        "Gerne! Hier ist der umformulierte Satz: {0}", "Natürlich! {0}", "Hier ist eine Umschreibung: {0}", "Der umgeschriebene Satz lautet: {0}", "Eine mögliche Umschreibung wäre: {0}",
        "Bien sûr ! Voici une reformulation : {0}", "Voici la phrase réécrite : {0}", "La phrase reformulée est : {0}", "¡Claro! Aquí tienes una paráfrasis: {0}", "Aquí está la frase reescrita: {0}",
        "Certo! Ecco la frase riscritta: {0}", "Aqui está a frase reescrita: {0}", "Конечно! Вот перефразированное предложение: {0}", "Вот вариант: {0}",
        "当然！以下是改写后的句子：{0}", "好的，改写如下：{0}", "改写后的句子是：{0}", "もちろんです！言い換えた文はこちらです：{0}", "以下は言い換えた文です：{0}", "물론입니다! 다음은 바꿔 쓴 문장입니다: {0}", "다음은 문장입니다: {0}",
    ];

    public static readonly string[] Explanations =
    [
        "{0} (Note: the meaning is the same.)", "{0} Explanation: I used other words.", "{0} This keeps the meaning of the original sentence.", "{0} - this reverses the meaning.",
        "This sentence means the same as \"{1}\".", "The sentence \"{1}\" can be rewritten in many ways.", "The opposite of \"{1}\" is \"{0}\"", "The original sentence talks about a problem of a customer.",
        "{0} I hope this paraphrase helps!", "{0} Let me know if you would like another version.", "{0} (Paraphrased to keep the original meaning.)", "{0} Note that I changed the subject.",
        "I have rewritten the sentence so that its meaning is preserved: {0}", "{0} is a paraphrase of the given sentence.", "{0} Reasoning: the verb was replaced.", "In this sentence, the speaker complains about something.",
        "The given sentence is already clear and needs no paraphrase.", "{0} This sentence contradicts the original one.", "The sentence has the opposite meaning because of a negation.",
        "{0} (Erklärung: Die Bedeutung ist gleich.)", "{0} Anmerkung: Der ursprüngliche Satz wurde gekürzt.", "Der Satz „{1}“ bedeutet etwas anderes.", "{0} Explication : la phrase originale a été simplifiée.",
        "La phrase « {1} » signifie autre chose.", "{0} Explicación: la frase original dice lo contrario.", "{0} Пояснение: исходное предложение сокращено.", "{0}（说明：保留了原句的意思）", "原句「{1}」的意思是别的。", "{0}（説明：元の文と同じ意味です）",
        "{0} 설명: 원래 문장과 같은 뜻입니다.",
    ];

    public static readonly string[] Questions =
    [
        "Which sentence would you like me to rewrite?", "Could you please provide the sentence you want me to paraphrase?", "Please provide the sentence.", "What would you like me to do?", "How can I help you today?",
        "How may I assist you?", "I don't see a sentence in your message.", "It seems you haven't provided a sentence.", "Can you clarify what you mean by that?", "Please provide more context so that I can help.",
        "Would you like me to rewrite it in a formal tone?", "Do you want me to make it shorter?", "I'm ready to help! Please share the sentence.", "Could you give me the sentence to work with?",
        "Welchen Satz soll ich umschreiben?", "Bitte geben Sie den Satz an, den ich umformulieren soll.", "Wie kann ich Ihnen helfen?", "Quelle phrase souhaitez-vous reformuler ?", "Comment puis-je vous aider ?",
        "Veuillez fournir la phrase à reformuler.", "¿Qué frase quieres que reescriba?", "¿En qué puedo ayudarte?", "Por favor, proporciona la frase.", "Come posso aiutarti?", "Como posso ajudar você?",
        "Чем я могу помочь?", "Какое предложение нужно перефразировать?", "请提供您想改写的句子。", "您想让我改写哪个句子？", "どの文を言い換えますか？文を教えてください。", "어떤 문장을 바꿀까요? 문장을 제공해 주세요.",
    ];

    public static readonly string[] Debris =
    [
        "```json {{\"sentence\": \"{0}\"", "{{\"sentence\": \"{0}", "{{\"sentence\": [1, 2]}}", "\"sentence\": \"{0}\"", "{0}\"}}", "{0}\",", "{{sentence: {0}", "{0}<|im_end|>", "<|im_start|>assistant {0}", "{0}</s>", "<s>{0}",
        "[INST] {1} [/INST] {0}", "{0} [/INST]", "{0}<end_of_turn>", "<think>{1}</think>{0}", "<think>The user wants a paraphrase. {0}", "<sentence>{0}</sentence>", "## {0}", "# {0}", "{0} ### Human: {1}",
        "Assistant: {0} User: {1}", "{0} <|endoftext|> {1}", "{0}<br>", "<p>{0}</p>", "{{sentence}}", "{{0}}", "[sentence]", "[Your sentence here]", "<insert sentence here>", "[INSERT PARAPHRASE]", "{0} ```", "~~~ {0}",
        "{{'sentence': '{0}'", "\\\"{0}\\\"", "{0}\\n{1}", "{0} -> {1}", "{1} → {0}", "{1} => {0}", "Input: {1} Output: {0}", "Sentence: {1} Paraphrase: {0}", "{0} Negative: {1}", "{0}[/SYS]", "<<SYS>> {0}", "<answer>{0}", "<output>{0}</output>",
        "<unk> {0}", "{0} <pad><pad>", "[MASK] {0}", "<div class=\"a\">{0}", "<!-- {0} -->", "<tool_call> {0}", "{0} &nbsp;", "&quot;{0}&quot;", "{0} ]}}", "The **answer** is __{0}__", "<final>{0}", "{{\"results\": [{{\"id\": 1", "[\"{0}\"", "{0}\"]",
    ];

    /// <summary>A second collection, written after the rules and before they were mended for it.</summary>
    public static readonly string[] Chatter =
    [
        "I'm sorry, I can't assist with that.",
        "I apologize, but I'm not able to generate that content.",
        "I cannot fulfill this request. I am programmed to be a helpful and harmless AI assistant.",
        "I'm sorry, but as an AI developed by OpenAI, I cannot do so.",
        "I don't have enough information to rewrite this.",
        "I can't discuss that topic.",
        "Sorry, I'm not able to respond to that.",
        "I'm not comfortable generating a sentence like that.",
        "That's not something I can help with.",
        "I'd rather not write that.",
        "I will not generate that.",
        "As a responsible AI, I must refrain from doing so.",
        "Sorry, but this prompt goes against my policies.",
        "I must refrain from answering.",
        "Apologies, but I'm unable to provide a response.",
        "I'm really sorry, but I can't provide that.",
        "Ich kann Ihnen leider nicht weiterhelfen.",
        "Entschuldigung, das kann ich nicht machen.",
        "Das verstößt gegen meine Richtlinien.",
        "Je regrette, mais je ne peux pas accéder à votre demande.",
        "Desafortunadamente, no puedo ayudarte con esa tarea.",
        "No puedo generar ese contenido.",
        "Non sono in grado di aiutarti.",
        "Não consigo ajudar com isso.",
        "Я не могу обсуждать эту тему.",
        "Простите, я не могу ответить на этот вопрос.",
        "抱歉，我不能帮助你完成这个任务。",
        "对不起，这个话题我不能讨论。",
        "申し訳ありません。その質問には答えられません。",
        "すみません、できません。",
        "죄송합니다. 도와드릴 수 없습니다.",
        "Sure, I can help with that! {0}",
        "Certainly, here is your sentence: {0}",
        "Here is a hard negative for the given anchor: the shipment arrived.",
        "Okay, so the user wants a paraphrase of the sentence.",
        "Okay, let me think about this.",
        "First, I need to understand the sentence.",
        "The user asks for a sentence with the opposite meaning.",
        "Alright, here's my attempt: {0}",
        "A paraphrase of this sentence is: {0}",
        "Paraphrase of the sentence: {0}",
        "Another way to say this is: {0}",
        "You could say: {0}",
        "Here's a more formal version: {0}",
        "Here is the JSON: {0}",
        "{0} (This is a paraphrase.)",
        "{0} This rewrite keeps the same meaning.",
        "{0} [Note: formal tone]",
        "{0} *Explanation*: shorter.",
        "{0} - paraphrased",
        "{0} (positive)",
        "{0} I changed the tone to be more formal.",
        "{0} Is this what you wanted?",
        "{0} Would you like another one?",
        "{0} Feel free to ask for more!",
        "{0} Let me know if you need anything else.",
        "The shipment is delayed, which contradicts the original sentence.",
        "It looks like you forgot to include the sentence.",
        "What should I rewrite?",
        "Please tell me the sentence to rewrite.",
        "Could you clarify what you'd like me to do?",
        "Can you give me more details about the task?",
        "I need a sentence to work with.",
        "Sure! What sentence do you have in mind?",
        "Was möchten Sie umschreiben?",
        "Können Sie mir den Satz nennen?",
        "Pouvez-vous préciser votre demande ?",
        "¿Puedes darme la frase?",
        "Hier ist der Satz: {0}",
        "Klar, hier ist ein Satz: {0}",
        "Voici une phrase : {0}",
        "Aquí va: {0}",
        "<result>{0}</result>",
        "<|assistant|> {0}",
        "{0}<|eot_id|>",
        "{0}<eos>",
        "**Positive:** {0} **Negative:** The shipment arrived.",
        "Positive: {0} Negative: The shipment arrived.",
        "{{\"positive\": \"{0}\"",
        "sentence = \"{0}\"",
        "return \"{0}\"",
        "print(\"{0}\")",
        "{0} / The shipment came late.",
        "{0} OR The shipment came late.",
        "Option 1: {0} Option 2: The shipment came late.",
        "Original: {1} Rewritten: {0}",
        "Q: {1} A: {0}",
        "{1} = {0}",
        "The shipment is delayed delayed delayed delayed delayed delayed delayed",
        "the the the the the the the the the the",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "aaaa aaaa aaaa aaaa",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
        "No response.",
        "No answer",
        "I don't know.",
        "Same as above.",
        "Same sentence.",
        "No change needed.",
        "The sentence is already clear.",
        "This sentence cannot be paraphrased.",
        "Error: invalid request",
        "Internal server error",
        "Rate limit exceeded",
        "[DONE]",
    ];

    public static readonly string[] Lists = ["1. {0} 2. {1}", "1) {0} 2) {0}!", "(1) {0} (2) {1}", "a) {0} b) {1}", "- {0} - {1} - {0}", "• {0} • {1}"];

    public static readonly string[] Empty =
    [
        "", " ", "\n\n", "...", "…", "\"\"", "''", "“”", "-", "---", "***", "?!", "\u200B\u200B", "\uFEFF", "\u00A0\u3000", "👍", "🙂🙂", "。", "\u0000", "\u3164\u3164\u3164\u3164", "\u2800\u2800", "()", "*", "null", "N/A", "None", "undefined", "NULL.", "NaN",
        "\uFFA0\uFFA0\uFFA0", "\u034F\u034F", "1.", "- ", "Answer:", "**Paraphrase:**",
    ];

    public static readonly string[] Broken =
    [
        "\uD83D", "\uDE00", "\uFFFD", "\uE000", "\uF8FF", "\uFFFE", "\uFFFF", "\uFDD0", "\uDBFF\uDFFF", "\uDB80\uDC00", "\uDBC0\uDC01", "\uD83F\uDFFE", "\u0085", "\u0080", "\u009F", new string('\u0301', 12), new string('\u0489', 9), "\uDC00\uD800",
    ];

    public static readonly string[] Invisible = ["\u200B", "\uFEFF", "\u2060", "\u00AD", "\u200E", "\u202E", "\u202C", "\u2066", "\u2069", "\u0000", "\u0007", "\u001B", "\u061C", "\u180E", "\u2063", "\u3164", "\u034F", "", ""];

    public static readonly string[] Scripts =
    [
        "The parcel has not been delivered so far.", "Посылка до сих пор не доставлена.", "我的包裹到现在还没有送到。", "荷物はまだ届いていません。", "소포가 아직 배달되지 않았습니다.",
        "لم يتم تسليم الطرد حتى الآن.", "החבילה עוד לא נמסרה.", "Το πακέτο δεν παραδόθηκε.", "पार्सल अभी तक नहीं पहुँचा है।", "พัสดุยังไม่ถูกส่ง", "Пакет.", "不对。", "Όχι.",
    ];
}
