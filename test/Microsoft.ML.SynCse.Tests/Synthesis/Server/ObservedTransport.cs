using System.ClientModel.Primitives;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The OpenAI client's own transport, with an eye on what it sends.</summary>
internal sealed class ObservedTransport(Action<HttpRequestMessage> sending) : HttpClientPipelineTransport
{
    protected override void OnSendingRequest(PipelineMessage message, HttpRequestMessage httpRequest) => sending(httpRequest);
}
