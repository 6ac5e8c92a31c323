using Microsoft.Extensions.AI;
using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Readings of synthesised columns, and runs with limits, in which the provider refuses.</summary>
[TestClass]
public sealed class RefusedReadingTests
{
    private static readonly TripletSynthesisOptions _options = new()
    {
        MaxAttempts = 1,
        MaxConcurrency = 2,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        ClassifyFault = _ => new SynthesisFault(SynthesisFaultKind.Refused, "http-400") { Message = "not this one" },
    };

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void The_end_of_the_rows_says_that_every_request_was_refused_though_the_last_texts_were_not_read()
    {
        using var step = Step(_ => true);
        var view = step.Transform(_ml.Data.LoadFromEnumerable(OrderRow.Many(4)));
        using var cursor = view.GetRowCursor(view.Schema);
        var positive = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
        Assert.IsTrue(cursor.MoveNext());
        ReadOnlyMemory<char> text = default;
        positive(ref text);
        var error = Assert.ThrowsExactly<SynthesisStoppedException>(() =>
        {
            while (cursor.MoveNext()) { }
        });
        Assert.AreEqual(SynthesisStopReason.ProviderRefuses, error.Reason);
        StringAssert.Contains(error.Message, "not this one");
    }

    [TestMethod]
    public void What_was_refused_in_a_reading_that_did_not_end_is_asked_again_by_the_next()
    {
        bool refuses = true;
        using var step = Step(_ => refuses);
        var view = step.Transform(_ml.Data.LoadFromEnumerable(OrderRow.Many(8)));
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            var positive = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
            ReadOnlyMemory<char> text = default;
            for (int i = 0; i < 3; i++)
            {
                Assert.IsTrue(cursor.MoveNext());
                positive(ref text);
                Assert.IsTrue(text.IsEmpty);
            }
        }
        refuses = false;
        string[] expected = OrderRow.Many(8).Select(row => FakeRequest.Positive(row.Text)).ToArray();
        CollectionAssert.AreEqual(expected, view.GetColumn<string>("Positive").ToArray());
    }

    [TestMethod]
    public async Task A_limit_that_leaves_no_room_for_the_question_whether_all_are_refused_ends_the_run()
    {
        using var folder = new TemporaryFolder();
        string[] sentences = Synthesis.Sentences(200);
        var options = _options with
        {
            JournalPath = folder.New("triplets.journal"),
            MaxConcurrency = 64,
            MaxConsecutiveRejections = null,
            Limits = new SynthesisLimits { MaxRequests = 40 },
        };
        var client = Client(request => Array.IndexOf(sentences, request.Sentence) >= 5);
        // The wait is for a run that would never end.
        var error = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, sentences).WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.AreEqual(SynthesisStopReason.LimitReached, error.Reason);
        Assert.IsLessThanOrEqualTo(40, client.Calls);
    }

    private TripletSynthesisTransformer Step(Func<FakeRequest, bool> refuses)
        => _ml.Transforms.SynthesizeTriplets("Text", Client(refuses), options: _options).Fit(_ml.Data.LoadFromEnumerable(OrderRow.Many(1)));

    private static FakeChatClient Client(Func<FakeRequest, bool> refuses) => new((request, _)
        => refuses(request) ? Task.FromException<ChatResponse>(new InvalidOperationException("refused"))
            : Task.FromResult(FakeChatClient.Reply(Writers.Answer(request))));
}
