namespace Microsoft.ML.SynCse.Tests;

/// <summary>What a scripted server does with a request.</summary>
internal enum ServerBehaviorKind
{
    /// <summary>A whole chat completion.</summary>
    Reply,

    /// <summary>An HTTP status with an error in OpenAI's form.</summary>
    Status,

    /// <summary>RST before any byte of an answer.</summary>
    Reset,

    /// <summary>The head and half the body of a chat completion, then the end of the connection.</summary>
    HalfBody,

    /// <summary>A web page, as proxies and captive portals send.</summary>
    Html,

    /// <summary>Status 200, "application/json", and a body that is not JSON.</summary>
    InvalidJson,

    /// <summary>JSON that is not a chat completion.</summary>
    WrongSchema,

    /// <summary>A chat completion of megabytes.</summary>
    Huge,

    /// <summary>A whole chat completion, a byte at a time.</summary>
    SlowDrip,

    /// <summary>Nothing, until the client goes away.</summary>
    Hang,

    /// <summary>Not scripted: the request's key was wrong, and it was told so.</summary>
    Unauthorized,

    /// <summary>Not scripted: the path or the method was not that of chat completions.</summary>
    NotFound,

    /// <summary>Not scripted: the client went away before its request had been read.</summary>
    Unread,

    /// <summary>Not scripted: the script threw; see <see cref="ScriptedServer.ScriptErrors"/>.</summary>
    ScriptFailed,
}
