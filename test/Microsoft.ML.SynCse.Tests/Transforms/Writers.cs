using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Language models for tests of synthesised columns.</summary>
internal static class Writers
{
    /// <summary>Answers rightly, after a while.</summary>
    public static FakeChatClient Good(int delay = 0) => new(async (request, token) =>
    {
        if (delay > 0) await Task.Delay(delay, token);
        return FakeChatClient.Reply(Answer(request));
    });

    /// <summary>A right answer to requests of any kind that these tests make.</summary>
    public static string Answer(FakeRequest request)
    {
        var user = request.User;
        if (user.TryGetProperty("sentence", out _)) return request.GoodAnswer();
        if (user.TryGetProperty("genre", out var genre))
        {
            return JsonSerializer.Serialize(new
            {
                sentences = Enumerable.Range(0, user.GetProperty("count").GetInt32()).Select(
                i => New(request.Number * 100 + i, genre.GetString()!))
            });
        }
        bool positives = request.System.Contains("\"positives\" (array", StringComparison.Ordinal),
            negatives = request.System.Contains("\"negatives\" (array", StringComparison.Ordinal);
        var results = request.Sentences.Select((sentence, i) =>
        {
            var result = new Dictionary<string, object> { ["id"] = i + 1 };
            if (positives) result["positives"] = new[] { FakeRequest.Positive(sentence) };
            if (negatives) result["negatives"] = new[] { FakeRequest.Negative(sentence) };
            return result;
        });
        return JsonSerializer.Serialize(new { results });
    }

    // Sentences that differ from each other in most of their letters.
    private static string New(int number, string genre)
    {
        var random = new Random(number);
        return string.Join(' ', Enumerable.Range(0, 8)
            .Select(_ => new string([.. Enumerable.Range(0, 6).Select(_ => (char)('a' + random.Next(26)))]))) + $" in {genre}";
    }
}
