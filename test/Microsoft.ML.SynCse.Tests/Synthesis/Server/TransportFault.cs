namespace Microsoft.ML.SynCse.Tests;

/// <summary>What can go wrong between a client and a model before there is a text.</summary>
public enum TransportFault
{
    /// <summary>429 without a word on how long to wait.</summary>
    RateLimited,

    /// <summary>429 with Retry-After in seconds.</summary>
    RateLimitedForSeconds,

    /// <summary>429 with Retry-After as a date.</summary>
    RateLimitedUntilDate,

    /// <summary>429 with retry-after-ms.</summary>
    RateLimitedForMilliseconds,

    /// <summary>408.</summary>
    RequestTimeout,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>502 with a web page.</summary>
    BadGatewayPage,

    /// <summary>503.</summary>
    Unavailable,

    /// <summary>RST before any byte.</summary>
    Reset,

    /// <summary>Half a body, then FIN.</summary>
    HalfBody,

    /// <summary>Half a body, then RST.</summary>
    HalfBodyReset,

    /// <summary>200 with a web page.</summary>
    Page,

    /// <summary>200 with broken JSON.</summary>
    InvalidJson,

    /// <summary>200 with {}.</summary>
    EmptyObject,

    /// <summary>200 without choices.</summary>
    NoChoices,

    /// <summary>200 with a message whose content is null.</summary>
    NullContent,

    /// <summary>A good answer, slowly.</summary>
    SlowDrip,

    /// <summary>A text of 5 MiB.</summary>
    Huge,

    /// <summary>No answer.</summary>
    Hang,

    /// <summary>401. Waiting does not help.</summary>
    InvalidKey,

    /// <summary>429 for want of money. Waiting does not help.</summary>
    InsufficientQuota,

    /// <summary>400. Asking again does not help.</summary>
    BadRequest,
}
