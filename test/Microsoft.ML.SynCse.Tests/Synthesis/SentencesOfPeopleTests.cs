using Microsoft.VisualBasic.FileIO;
using static Microsoft.ML.SynCse.Tests.ReplyRulesTests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What people write passes the rules.</summary>
[TestClass]
public sealed class SentencesOfPeopleTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    // Support tickets apologise and are unable to do things.
    [DataRow("Sorry, but I can't log in", "I'm sorry, but I can't get into my account")]
    [DataRow("My login fails.", "I am unable to log in.")]
    [DataRow("My account does not open.", "I'm sorry, but I can't open my account.")]
    [DataRow("Account creation fails.", "I can't create an account.")]
    [DataRow("The invoice function is broken.", "I cannot generate an invoice.")]
    [DataRow("I am not available on Monday.", "Unfortunately, I can't come on Monday.")]
    [DataRow("I can log in with my password.", "I'm sorry, but I can't log in with my password.")]
    [DataRow("The form rejects my text.", "I can't write in the form.")]
    [DataRow("She does research on machine learning.", "She works as an AI researcher.")]
    [DataRow("We do not send receipts by post.", "I cannot provide a paper receipt.")]
    [DataRow("The phone rings but I am driving.", "I can't answer the phone because I am driving.")]
    [DataRow("These shoes hurt.", "I don't feel comfortable in these shoes.")]
    [DataRow("Leider kann ich nicht kommen.", "Es tut mir leid, aber ich kann nicht dabei sein.")]
    [DataRow("Je n'arrive pas à me connecter.", "Désolé, je ne peux pas me connecter.")]
    [DataRow("No consigo abrir el archivo.", "Lo siento, no puedo abrir el archivo.")]
    [DataRow("ログインできません。", "申し訳ありませんが、ログインできません。")]
    [DataRow("我登录不了账户。", "对不起，我无法登录账户。")]
    // What begins like a preamble, or talks of sentences, texts and questions, and is none.
    [DataRow("Attached is my invoice.", "Here is my invoice")]
    [DataRow("My order number is 12345.", "Here is my order number: 12345")]
    [DataRow("I now live in Main Street 5.", "Here's my new address: Main Street 5")]
    [DataRow("The tracking number is 99-X.", "Here is the tracking number: 99-X")]
    [DataRow("Tomorrow is fine for sending it.", "Sure, send it tomorrow")]
    [DataRow("Yes, I'd like that!", "Sure! I'd love to.", false)]
    [DataRow("Of course, we can meet.", "Certainly! Let's meet.")]
    [DataRow("Remember where it is.", "Note the address")]
    [DataRow("The battery is a new one.", "I replaced the battery")]
    [DataRow("I'm waiting for the invoice.", "Please provide me with the invoice")]
    [DataRow("How much is it exactly?", "Can you clarify the price?")]
    [DataRow("The judge sent him to prison.", "He got a long sentence from the judge.")]
    [DataRow("Can you give me the order number?", "Could you please provide the order number?")]
    [DataRow("What do you need from me?", "How can I be of use to you?")]
    [DataRow("Here is the text of the speech.", "Here is what was said in the speech.")]
    [DataRow("I've changed my phone number.", "I changed the number of my phone.")]
    [DataRow("The answer to my mail never came.", "The answer I was waiting for never arrived.")]
    [DataRow("Voici ma facture du mois de mai.", "Voici la facture que j'ai reçue en mai.")]
    [DataRow("Hier steht mein Auto.", "Hier ist mein Auto geparkt.")]
    [DataRow("以下の商品を注文しました。", "下記の品物を買いました。")]
    // Quotes, lists, numbers, signs.
    [DataRow("There was a \"closed\" sign, so we went.", "The sign said \"closed\": we left.")]
    [DataRow("\"Yes\" and \"no\" are both short.", "\"No\" and \"yes\" are both short words")]
    [DataRow("The worm C. elegans is studied a lot.", "C. elegans is a much-studied worm.")]
    [DataRow("About 1,500,000 people came.", "1.5 million people came.")]
    [DataRow("Everybody likes this #sunset.", "#sunset is liked by all.")]
    [DataRow("Write to me at a.b@example.org.", "My e-mail address is a.b@example.org.")]
    [DataRow("Send it to <a.b@example.org>.", "Please use <a.b@example.org> as the address.")]
    [DataRow("The page is https://example.org/a_b?c=1&d=2.", "You find it on https://example.org/a_b?c=1&d=2.")]
    [DataRow("I love this shop.", "<3 this shop :-)")]
    [DataRow("The shop is great.", "What a shop 👍🙂")]
    [DataRow("Set {name} in the template.", "In the template, fill in {name}")]
    [DataRow("The file is C:\\new\\data.txt.", "You find the file under C:\\new\\data.txt")]
    [DataRow("Use arr[0] for the first one.", "The first one is arr[0]")]
    [DataRow("Call __init__ first.", "First, __init__ has to be called.")]
    [DataRow("Use <b> for bold text.", "Bold text is made with <b>.")]
    [DataRow("Is a < b and c > d?", "Do a < b and c > d hold?")]
    [DataRow("R&D; that is where I work.", "I work in R&D; it is fun.")]
    [DataRow("It fell to -5 degrees.", "It fell to 5 degrees.")]
    [DataRow("Prices rose by 5 %.", "Prices rose by 50 %.")]
    [DataRow("Prices rose by 5 %.", "Prices rose by 5.")]
    [DataRow("The bill is paid.", "The bill is not paid.")]
    [DataRow("Version 1.5 is out.", "Version 15 is out.")]
    [DataRow("I write C.", "I write C++.")]
    [DataRow("Men can't cook.", "Men can cook.")]
    [DataRow("It's OK.", "OK.")]
    [DataRow("Is there any?", "None.")]
    [DataRow("Our operating system is Windows 11.", "Operating system: Windows 11")]
    [DataRow("A test was negative, says the result.", "Result: negative")]
    [DataRow("The president - a lawyer - resigned.", "- The lawyer who was president - he resigned.", false)]
    [DataRow("Two lines\nof a poem", "Another poem's\ntwo lines")]
    // Languages and writings.
    [DataRow("Wir treffen uns um acht.", "Um acht Uhr ist das Treffen.")]
    [DataRow("Où est la gare ?", "Comment aller à la gare ?")]
    [DataRow("¡Claro que sí!", "¡Por supuesto que iré!", false)]
    [DataRow("¿Dónde está el baño?", "¿Por dónde se va al baño?")]
    [DataRow("东京今天下雨。", "今天东京有雨。")]
    [DataRow("会議は三時からです。", "三時に会議が始まります。")]
    [DataRow("工事中", "ただいま工事をしています")]
    [DataRow("회의는 세 시에 시작합니다.", "세 시부터 회의가 있습니다.")]
    [DataRow("لا أحب القهوة.", "القهوة لا تعجبني.")]
    [DataRow("אני אוהב קפה.", "קפה טעים לי.")]
    [DataRow("Microsoft Teams 无法登录", "我登录不了 Microsoft Teams")]
    [DataRow("Microsoft Teams 无法登录", "微软团队打不开")]
    [DataRow("我的 iPhone 15 Pro Max 坏了", "iPhone 15 Pro Max 不能用了")]
    [DataRow("iPhoneのSafariが開きません", "Safari on iPhoneが動かない")]
    [DataRow("Установите Visual Studio Code.", "Visual Studio Code нужно установить.")]
    [DataRow("可以", "OK")]
    [DataRow("The unit is Ω.", "Ohm (Ω) is what it is measured in.")]
    [DataRow("नमस्ते, आप कैसे हैं?", "आपका क्या हाल है?")]
    [DataRow("กรุณารอสักครู่", "โปรดรอสักพัก")]
    [DataRow("Tiếng Việt rất khó.", "Học tiếng Việt không dễ.")]
    [DataRow("Ẹ kú àárọ̀ o.", "Mo kí ọ ní àárọ̀.")]
    [DataRow("שָׁלוֹם לְכֻלָּם", "בָּרוּךְ הַבָּא לְכֻלָּם")]
    [DataRow("👨\u200D👩\u200D👧 is my family.", "My family: 👨\u200D👩\u200D👧")]
    [DataRow("می\u200Cخواهم بروم.", "من می\u200Cروم.")]
    // A second collection, written after the rules.
    [DataRow("My printer prints blank pages.", "The printer only gives me blank sheets.")]
    [DataRow("I cannot find the settings page.", "I'm sorry, I can't see where the settings are.")]
    [DataRow("Please call me back after five.", "I'd appreciate a call after 5 p.m.")]
    [DataRow("The app crashes when I open it.", "Error: the app closes as soon as I open it.")]
    [DataRow("Could you help me with my refund?", "I need your help with getting my money back.")]
    [DataRow("Your assistant was very rude to me.", "The person who assisted me was impolite.")]
    [DataRow("I'd like to discuss my contract.", "Can we talk about my contract?")]
    [DataRow("I didn't get an answer to my question.", "Nobody has answered what I asked.")]
    [DataRow("Your site says \"out of stock\".", "On your site it says: \"Out of stock\".")]
    [DataRow("Where can I write a review?", "I would like to write a review, where can I?")]
    [DataRow("He couldn't create a backup.", "Sorry, he was unable to create a backup.")]
    [DataRow("I want to delete my account", "Please remove my account, I do not need it any more.")]
    [DataRow("There is a typo in the article.", "One sentence of the article contains a typo.")]
    [DataRow("The film is about a robot.", "It is a film about an artificial being.")]
    [DataRow("The weather is nice today.", "It's a beautiful day!")]
    [DataRow("What time is it?", "Could you tell me the time?")]
    [DataRow("Do not touch the paint.", "Attention: Do not touch the fresh paint.")]
    [DataRow("She will not come to the party.", "Unfortunately, she won't be at the party.")]
    [DataRow("I can't do this any longer.", "I'm unable to go on like this.")]
    [DataRow("My boss refused to pay.", "I must say my boss declined to pay me.")]
    [DataRow("The shop generates little profit.", "Little profit is created by the shop.")]
    [DataRow("We must decline your offer.", "We have to say no to what you offer.")]
    [DataRow("This request came too late.", "The request was not made in time.")]
    [DataRow("Our policy covers water damage.", "Water damage is part of what our policy pays for.")]
    [DataRow("The mail contains offensive words.", "There is offensive language in the mail.")]
    [DataRow("Ich kann die Rechnung nicht finden.", "Leider finde ich die Rechnung nicht.")]
    [DataRow("Das Angebot gefällt mir.", "Natürlich, dieses Angebot finde ich gut.")]
    [DataRow("Das Gericht fällte ein mildes Urteil.", "Der Richter war milde.")]
    [DataRow("Je ne trouve pas la sortie.", "Malheureusement, je ne vois pas où est la sortie.")]
    [DataRow("Je cherche un hôtel pas cher.", "Pourriez-vous m'indiquer un hôtel bon marché ?")]
    [DataRow("Quiero cambiar mi cita.", "Por favor, proporcióneme otra cita.")]
    [DataRow("No tengo tiempo.", "Lo siento, pero no tengo tiempo.")]
    [DataRow("Mi coche no arranca.", "No puedo arrancar el coche.")]
    [DataRow("Non trovo le chiavi.", "Mi dispiace, non so dove sono le chiavi.")]
    [DataRow("Não sei onde fica a estação.", "Não consigo encontrar a estação.")]
    [DataRow("Я не нашёл ключи.", "К сожалению, я не могу найти ключи.")]
    [DataRow("Дверь не открывается.", "Я не могу открыть дверь.")]
    [DataRow("我找不到钥匙。", "对不起，我找不到我的钥匙。")]
    [DataRow("请提供发票。", "请把发票给我。")]
    [DataRow("電車が遅れています。", "すみません、電車が遅れているようです。")]
    [DataRow("質問に答えてください。", "この質問に回答をお願いします。")]
    [DataRow("문이 안 열려요.", "죄송하지만 문이 열리지 않아요.")]
    [DataRow("회의가 취소되었습니다.", "죄송합니다. 회의는 열리지 않습니다.")]
    [DataRow("Two men play chess.", "Two people are playing a board game.")]
    [DataRow("The cat sat on the mat / the dog on the rug.", "The cat was on the mat / the dog lay on the rug.")]
    [DataRow("5 + 3 = 8", "8 = 5 + 3")]
    [DataRow("He is 1.80 m tall.", "His height is 180 cm.")]
    [DataRow("No!", "Never!")]
    [DataRow("Hi", "Hello there")]
    [DataRow("Stop the car now.", "Now halt the vehicle.")]
    [DataRow("It was a long, long, long way.", "The way was very, very, very long.")]
    [DataRow("Haha, that was fun!", "Hahaha, what fun that was!")]
    [DataRow("Why is the sky blue?", "What makes the sky blue?")]
    [DataRow("I have no idea.", "I don't know.")]
    [DataRow("The result was better than expected.", "The output surpassed our expectations.")]
    [DataRow("A summary of the meeting is attached.", "You'll find the meeting's summary attached.")]
    [DataRow("Of course I paid the bill.", "Certainly, I have paid the bill.")]
    [DataRow("I'd be glad to join you.", "I would be happy to come along!")]
    [DataRow("Thanks for the quick reply!", "Great, thank you for answering so fast!")]
    [DataRow("This is the new version of the app.", "The app has been updated to a newer version.")]
    [DataRow("Let me know if you need anything.", "Feel free to contact me if there's anything you need.")]
    [DataRow("Your order is on its way.", "Here you are, your order has been sent.")]
    [DataRow("Add the flour: slowly, please.", "Please add the flour slowly.")]
    [DataRow("There's one problem, it is too big.", "One problem remains: It is too big.")]
    [DataRow("Only one thing matters to her, her son.", "For her there is only one thing that counts: Her son and his well-being.")]
    [DataRow("Set x = 5 in the config.", "The config needs x = 5.")]
    [DataRow("The path is /usr/bin.", "You'll find it in /usr/bin")]
    [DataRow("Rent or buy the flat?", "Should the flat be rented or bought?")]
    public void Sentences_of_people_pass_as_they_are(string anchor, string text, bool passes = true)
    {
        foreach (var role in Enum.GetValues<SynthesisRole>())
        {
            var (passed, rule, _) = Apply(anchor, text, role);
            // Where it does not: known, and cheap, for the sentence is asked for again.
            if (!passes && rule is not null) continue;
            Assert.AreEqual((text, null), (passed, rule));
        }
    }

    [TestMethod]
    public void The_exemplars_of_the_library_pass_all_rules()
    {
        List<string> wrong = [];
        foreach (var role in Enum.GetValues<SynthesisRole>())
        {
            foreach (var exemplar in PromptLibrary.Default.Of(role).Exemplars)
            {
                var (text, rule, reason) = Apply(exemplar.Sentence, exemplar.Rewrite, role);
                if (text != exemplar.Rewrite) wrong.Add($"{role} | {exemplar.Sentence} | {exemplar.Rewrite} | {text} | {rule} | {reason}");
            }
        }
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    public void The_triplets_of_the_sample_pass_all_rules()
    {
        List<string> wrong = [];
        var rows = Rows(Path.Combine(SharedFolder.RepositoryRoot, "src", "SynCse.Samples", "Data", "support-triplets.csv"));
        foreach (string[] row in rows)
        {
            var positive = Apply(row[0], row[1], SynthesisRole.Positive);
            var negative = Apply(row[0], row[2], SynthesisRole.Negative, row[1]);
            if (positive.Text != row[1] || negative.Text != row[2]) wrong.Add($"{string.Join(" | ", row)} | {positive} | {negative}");
        }
        Assert.IsGreaterThan(150, rows.Count);
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void Triplets_that_people_wrote_nearly_all_pass()
    {
        var rows = Rows(SharedFolder.Path("data/triplets/nli-triplets.csv"));
        foreach (var role in Enum.GetValues<SynthesisRole>())
        {
            Dictionary<string, List<string>> rejected = [];
            int cleaned = 0;
            foreach (string[] row in rows)
            {
                string given = row[role == SynthesisRole.Positive ? 1 : 2];
                var (text, rule, _) = Apply(row[0], given, role, row[1]);
                string? by = rule ?? (text != given.Trim() ? "(cleaned)" : null);
                if (by is null) continue;
                if (rule is null) cleaned++;
                if (!rejected.TryGetValue(by, out var list)) rejected[by] = list = [];
                list.Add($"{row[0]} | {given} | {text}");
            }
            foreach (var (rule, list) in rejected)
            {
                TestContext.WriteLine($"{role} {rule}: {list.Count} of {rows.Count} ({(double)list.Count / rows.Count:p2})");
                foreach (string? line in list.Take(12)) TestContext.WriteLine("    " + line);
            }
            // Copies and duplicates are really in the data.
            int wrongly = rejected.Where(r => r.Key is not ("(cleaned)" or "copy-of-input" or "same-as-positive")).Sum(r => r.Value.Count);
            TestContext.WriteLine($"{role}: {wrongly} of {rows.Count} rejected ({(double)wrongly / rows.Count:p2}) beside copies; "
                + $"{cleaned} cleaned");
            Assert.IsLessThan(0.02, (double)wrongly / rows.Count);
            Assert.IsGreaterThan(12_000, rows.Count);
        }
    }

    private static List<string[]> Rows(string file)
    {
        using var parser = new TextFieldParser(file)
        {
            TextFieldType = FieldType.Delimited,
            Delimiters = [","],
            HasFieldsEnclosedInQuotes = true,
            TrimWhiteSpace = false,
        };
        List<string[]> rows = [];
        parser.ReadFields();
        while (parser.ReadFields() is { } row) rows.Add(row);
        return rows;
    }
}
