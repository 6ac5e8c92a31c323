using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class FaultScriptTests
{
    private static readonly ScriptedRequest[] _requests = [.. Enumerable.Range(0, 1000)
        .Select(i => GoodAnswersTests
            .Request("s", JsonSerializer.Serialize(new { sentence = $"Sentence {i} of many that are asked about." })))];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void What_happens_to_a_request_does_not_depend_on_the_order_of_arrival()
    {
        FaultScript first = Thirty(1), second = Thirty(1), other = Thirty(2);
        string[] ahead = _requests.Concat(_requests).Select(r => Line(first.Decide(r))).ToArray();
        string[] back = _requests.Reverse().Concat(_requests.Reverse()).Select(r => Line(second.Decide(r))).ToArray();
        CollectionAssert.AreEqual(ahead[..1000], back[..1000].Reverse().ToArray());
        CollectionAssert.AreEqual(ahead[1000..], back[1000..].Reverse().ToArray());
        CollectionAssert.AreNotEqual(ahead[..1000], ahead[1000..]);
        CollectionAssert.AreNotEqual(ahead, _requests.Concat(_requests).Select(r => Line(other.Decide(r))).ToArray());
    }

    [TestMethod]
    public void Shares_and_kinds_are_as_asked()
    {
        var script = Thirty(1);
        foreach (var request in _requests) script.Decide(request);
        Assert.IsInRange(250, 350, script.TransportFaultsMade.Values.Sum());
        Assert.IsInRange(160, 260, script.ContentFaultsMade.Values.Sum());
        CollectionAssert.AreEquivalent(TransportFaults.PassingWeights.Keys.ToArray(), script.TransportFaultsMade.Keys.ToArray());
        CollectionAssert.AreEquivalent(Enum.GetValues<ContentFault>(), script.ContentFaultsMade.Keys.ToArray());
    }

    [TestMethod]
    public void After_so_many_repetitions_there_are_no_faults()
    {
        var script = new FaultScript(1, new GoodAnswers().Answer) { TransportFaultShare = 1, FaultlessAfter = 2 };
        Assert.AreNotEqual(new GoodAnswers().Answer(_requests[0]).Text, script.Decide(_requests[0]).Body ?? "");
        script.Decide(_requests[0]);
        Assert.AreEqual(ServerBehaviorKind.Reply, script.Decide(_requests[0]).Kind);
        Assert.AreEqual(2, script.TransportFaultsMade.Values.Sum());
    }

    [TestMethod]
    [DataRow("""{"sentence":"A cat sat on the old mat."}""")]
    [DataRow("""{"sentences":[{"id":1,"sentence":"A cat sat on the old mat."},{"id":2,"sentence":"Two dogs ran away."}]}""")]
    [DataRow("""{"sentence":"😀😀😀 😀😀😀😀😀 😀"}""")]
    [DataRow("""{"count":4,"genre":"news","topics":["cats"]}""")]
    public void Every_fault_of_content_changes_the_answer_in_every_form(string user)
    {
        var request = GoodAnswersTests.Request("s", user);
        var good = new GoodAnswers().Answer(request);
        foreach (var fault in Enum.GetValues<ContentFault>())
        {
            for (ulong draw = 0; draw < 8; draw++)
            {
                var spoiled = ContentFaults.Apply(fault, good, request, new(draw));
                Assert.AreNotEqual(good.Text, spoiled.Text, $"{fault}");
                // It can be sent even where it is cut within a character.
                JsonElement.Parse(ChatCompletionJson.Completion(1, "m", spoiled).Span);
            }
        }
    }

    [TestMethod]
    public void A_copy_is_the_sentence_itself_and_duplicates_are_the_same_for_every_role()
    {
        ScriptedRequest As(string system) => GoodAnswersTests.Request(system, """{"sentence":"A cat sat on the old mat."}""");
        string? Apply(ContentFault fault, string system)
            => ContentFaults.Apply(fault, new GoodAnswers().Answer(As(system)), As(system), new(1)).Text;
        Assert.AreEqual("""{"sentence":"A cat sat on the old mat."}""", Apply(ContentFault.Copy, "p"));
        Assert.AreEqual(Apply(ContentFault.Duplicates, "p"), Apply(ContentFault.Duplicates, "n"));
    }

    [TestMethod]
    public async Task Every_answer_of_thirty_per_cent_faults_comes_over_the_wire_or_fails_there()
    {
        // Without hanging, so that no timeout of the client's decides what has arrived.
        var weights = TransportFaults.PassingWeights.ToDictionary(w => w.Key, w => w.Key == TransportFault.Hang ? 0 : w.Value);
        var script = new FaultScript(1, new GoodAnswers().Answer)
        {
            TransportFaultShare = 0.3,
            ContentFaultShare = 0.3,
            TransportWeights = weights,
        };
        await using var server = await ScriptedServer.StartAsync(script.Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        int failed = 0;
        var sixteen = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.CancellationToken };
        await Parallel.ForEachAsync(_requests[..200], sixteen, async (request, cancelled) =>
        {
            try
            {
                await client.GetResponseAsync(request.Messages.Select(m => new ChatMessage(new(m.Role), m.Text)),
                    cancellationToken: cancelled);
            }
            catch (Exception) when (!cancelled.IsCancellationRequested)
            {
                Interlocked.Increment(ref failed);
            }
        });
        await server.IdleAsync();
        Assert.IsEmpty(server.ScriptErrors);
        Assert.AreEqual((200L, 200), (server.Requests, server.Log.Count));
        Assert.IsGreaterThan(0, failed);
    }

    private static FaultScript Thirty(int seed) => new(seed, new GoodAnswers().Answer)
    {
        TransportFaultShare = 0.3,
        ContentFaultShare = 0.3,
    };

    /// <summary>All but the headers, where a date tells when it was made, and most of what is huge.</summary>
    private static string Line(ServerBehavior made)
        => $"{made.Kind} {made.StatusCode} {made.Text?.Length} {made.Text?[..Math.Min(99, made.Text.Length)]} {made.Body}";
}
