using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Models without a system role.</summary>
[TestClass]
public sealed class InstructionPlacementTests
{
    [TestMethod]
    public void The_user_message_holds_the_instructions_and_roles_take_turns()
    {
        TripletSynthesisOptions system = new(), user = new() { InstructionPlacement = InstructionPlacement.User };
        foreach (var (before, after) in Requests(system).Zip(Requests(user)))
        {
            Assert.AreEqual(ChatRole.System, before.Messages[0].Role);
            Assert.IsFalse(after.Messages.Any(m => m.Role == ChatRole.System));
            for (int i = 0; i < after.Messages.Count; i++) Assert.AreEqual(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant,
                after.Messages[i].Role);
            Assert.AreEqual($"{before.Messages[0].Text}\n\n{before.Messages[1].Text}", after.Messages[0].Text);
            CollectionAssert.AreEqual(before.Messages.Skip(2).Select(m => m.Text).ToArray(),
                after.Messages.Skip(1).Select(m => m.Text).ToArray());
            CollectionAssert.AreNotEqual(before.Key, after.Key);
        }
        CollectionAssert.AreNotEqual(OptionsFingerprint.Of(system, "m"), OptionsFingerprint.Of(user, "m"));
    }

    [TestMethod]
    [DataRow(400)]
    [DataRow(500)]
    public async Task A_model_without_a_system_role_works_with_it_and_without_it_the_error_names_it(int status)
    {
        await using var server = await ScriptedServer.StartAsync(request => request.Messages.Any(m => m.Role == "system")
            ? ServerBehavior.Status(status, null, "invalid_request_error", "System role not supported")
            : ServerBehavior.Reply(FakeRequest.Json($"In other words {Sentence(request)}")));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = new TripletSynthesisOptions
        {
            NegativesPerSentence = 0,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            MaxConcurrency = 1
        };
        var error = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, Synthesis.Sentences(30)));
        StringAssert.Contains(error.Message, "InstructionPlacement.User");
        Assert.IsLessThanOrEqualTo(10, server.Requests, "what fails for its form is not repeated");
        var outcomes = await Synthesis.RunAsync(client, options with { InstructionPlacement = InstructionPlacement.User },
            Synthesis.Sentences(3));
        Assert.IsTrue(outcomes.All(o => o.Example is not null));
    }

    [TestMethod]
    [DataRow("System role not supported")]
    [DataRow("Developer instruction is not enabled for models/gemma-3-27b-it")]
    [DataRow("Unsupported value: 'messages[0].role' does not support 'system' with this model.")]
    [DataRow("Conversation roles must alternate user/assistant/user/assistant/...")]
    [DataRow("Only user and assistant roles are supported!")]
    [DataRow("Please use a valid role: user, model.")]
    public void Providers_say_so_in_many_words(string words)
    {
        StringAssert.Contains(SystemRoleAdvice.For($"HTTP 400 ({words})"), "InstructionPlacement.User");
        Assert.IsNull(SystemRoleAdvice.For("The file system is full."));
    }

    [TestMethod]
    public async Task However_a_run_ends_by_such_words_the_error_names_the_option()
    {
        // A client whose exceptions the user reads as passing troubles.
        var client = new FakeChatClient((_, _) => throw new InvalidOperationException("template: System role not supported"));
        var options = new TripletSynthesisOptions
        {
            ClassifyFault = error => new(SynthesisFaultKind.Transient, "own") { Message = error.Message },
            RetryDelay = TimeSpan.FromMilliseconds(1),
            MaxConcurrency = 1,
            MaxRetries = 1,
        };
        var down = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, Synthesis.Sentences(100)));
        Assert.AreEqual(SynthesisStopReason.ProviderDown, down.Reason);
        StringAssert.Contains(down.Message, "InstructionPlacement.User");
        // One that answers for positives is not down, whichever count is full first.
        var half = new FakeChatClient((request, _) => request.IsNegative
            ? throw new InvalidOperationException("template: System role not supported")
            : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var rejected = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(half, options with { MaxConsecutiveRejections = 2 }, Synthesis.Sentences(100)));
        Assert.AreEqual(SynthesisStopReason.EverythingRejected, rejected.Reason);
        StringAssert.Contains(rejected.Message, "InstructionPlacement.User");
    }

    private static SynthesisRequest[] Requests(TripletSynthesisOptions options)
    {
        var factory = new RequestFactory(options, "m");
        return
        [
            factory.Single("A sentence.", new(SynthesisRole.Negative, 0), 0), factory.Group(["One.", "Two."], 1, 1),
            factory.Scratch(0, 3, "news", ["cars"]), factory.Judge(new JudgeCheck(), "One.", "Two.", 0),
            new RequestFactory(options with { ExemplarsPerRequest = 0 }, "m").Single("A sentence.", new(SynthesisRole.Positive, 0), 0),
        ];
    }

    private static string Sentence(ScriptedRequest request)
    {
        // The last message is the sentence alone where exemplars stand before it.
        using var json = JsonDocument.Parse(request.LastUser);
        return json.RootElement.GetProperty("sentence").GetString()!;
    }
}
