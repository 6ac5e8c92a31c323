using System.Diagnostics.CodeAnalysis;
using Azure.Core;

namespace Microsoft.ML.SynCse.Tests
{
    /// <summary>An answer of Azure.Core's pipeline.</summary>
    internal sealed class AzureResponse(int status, string body, params (string Name, string Value)[] headers) : Azure.Response
    {
        public Azure.RequestFailedException Exception() => new(this);

        public override int Status => status;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; } = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(body));

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose()
        {
        }

        protected override bool ContainsHeader(string name) => headers.Any(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers.Select(h => new HttpHeader(h.Name, h.Value));

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
            => (value = headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value) is not null;

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = TryGetHeader(name, out string? value) ? [value] : null;
            return values is not null;
        }
    }
}

// Azure.Identity's exceptions as they are named there; its package is not needed for what a name tells.
namespace Azure.Identity
{
    internal class AuthenticationFailedException(string message, Exception? inner = null) : Exception(message, inner);

    internal sealed class CredentialUnavailableException(string message) : AuthenticationFailedException(message);
}
