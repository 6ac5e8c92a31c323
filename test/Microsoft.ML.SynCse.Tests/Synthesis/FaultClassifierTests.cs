using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Exceptions of clients over HttpClient; those of OpenAI's client come from real answers in SynthesisServerTests.</summary>
[TestClass]
public sealed class FaultClassifierTests
{
    [TestMethod]
    [DataRow(429, SynthesisFaultKind.Throttled)]
    [DataRow(408, SynthesisFaultKind.Transient)]
    [DataRow(500, SynthesisFaultKind.Transient)]
    [DataRow(529, SynthesisFaultKind.Transient)]
    [DataRow(501, SynthesisFaultKind.Permanent)]
    [DataRow(307, SynthesisFaultKind.Permanent)]
    [DataRow(402, SynthesisFaultKind.Permanent)]
    [DataRow(400, SynthesisFaultKind.Refused)]
    [DataRow(403, SynthesisFaultKind.Refused)]
    [DataRow(413, SynthesisFaultKind.Refused)]
    [DataRow(422, SynthesisFaultKind.Refused)]
    [DataRow(451, SynthesisFaultKind.Refused)]
    [DataRow(401, SynthesisFaultKind.Permanent)]
    [DataRow(404, SynthesisFaultKind.Permanent)]
    [DataRow(424, SynthesisFaultKind.Transient)]
    public void A_status_decides(int status, SynthesisFaultKind kind)
    {
        var fault = FaultClassifier.Classify(new HttpRequestException("x", null, (HttpStatusCode)status));
        Assert.AreEqual((kind, $"http-{status}", false), (fault.Kind, fault.Name, fault.MayBeBilled));
    }

    [TestMethod]
    [DataRow("""{"error":{"message":"Invalid value for 'temperature'.","code":"invalid_value","param":null}}""",
        SynthesisFaultKind.Permanent)]
    [DataRow("""{"error":{"message":"no","code":"unsupported_parameter","param":"response_format"}}""", SynthesisFaultKind.Permanent)]
    [DataRow("""{"error":{"message":"API key not valid","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}""",
        SynthesisFaultKind.Permanent)]
    [DataRow("""{"error":{"message":"Invalid value for 'content'.","code":"invalid_value","param":"messages[1].content"}}""",
        SynthesisFaultKind.Refused)]
    [DataRow("""{"error":{"message":"'max_tokens' is too large: 512.","type":"BadRequestError","param":"max_tokens","code":400}}""",
        SynthesisFaultKind.Refused)]
    [DataRow("""{"error":{"message":"too long","code":"string_above_max_length","param":"messages[1].content"}}""",
        SynthesisFaultKind.Refused)]
    public void What_a_status_of_400_complains_of_decides_whether_every_request_has_it(string body, SynthesisFaultKind kind)
        => Assert.AreEqual(kind, FaultClassifier.Classify(new AzureResponse(400, body).Exception()).Kind);

    [TestMethod]
    public void Other_exceptions_are_read_by_what_they_are()
    {
        (Exception Error, SynthesisFaultKind Kind, string Name, bool Billed)[] cases =
        [
            (new HttpRequestException(HttpRequestError.ConnectionError, "refused"), SynthesisFaultKind.Transient, "connection", false),
            (new HttpRequestException(HttpRequestError.NameResolutionError, "no host"), SynthesisFaultKind.Transient, "connection", false),
            (new HttpRequestException("reset", new SocketException()), SynthesisFaultKind.Transient, "connection", true),
            (new HttpIOException(HttpRequestError.ResponseEnded), SynthesisFaultKind.Transient, "cut-reply", true),
            (new TaskCanceledException(), SynthesisFaultKind.Transient, "timeout", true),
            (new TimeoutException(), SynthesisFaultKind.Transient, "timeout", true),
            (new JsonException(), SynthesisFaultKind.Transient, "unreadable", true),
            (new ArgumentOutOfRangeException("index"), SynthesisFaultKind.Transient, "unreadable", true),
            (new NotSupportedException(), SynthesisFaultKind.Permanent, "not-supported", false),
            (new AggregateException(new IOException(), new HttpRequestException("x", null, HttpStatusCode.Unauthorized)),
                SynthesisFaultKind.Permanent, "http-401", false),
        ];
        foreach (var (error, kind, name, billed) in cases)
        {
            var fault = FaultClassifier.Classify(error);
            Assert.AreEqual((kind, name, billed), (fault.Kind, fault.Name, fault.MayBeBilled), error.ToString());
        }
    }
}
