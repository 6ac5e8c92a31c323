namespace Microsoft.ML.SynCse.Tests;

/// <summary>What a model does wrong in an answer that arrives well.</summary>
internal enum ContentFault
{
    /// <summary>It declines, in plain text or in the place of the sentence.</summary>
    Refusal,

    /// <summary>It gives back what it was given.</summary>
    Copy,

    /// <summary>It says that it is about to answer, before the JSON or before the sentence.</summary>
    Preamble,

    /// <summary>It puts the JSON into a Markdown fence.</summary>
    Fence,

    /// <summary>It writes several lines where one sentence was asked for.</summary>
    SeveralLines,

    /// <summary>It is cut off by the limit of tokens.</summary>
    Truncated,

    /// <summary>It says nothing.</summary>
    Empty,

    /// <summary>It says the same of a sentence whatever it is asked, so a positive and a negative are one.</summary>
    Duplicates,

    /// <summary>It uses characters that are no text, or that JSON should not have let through.</summary>
    OddUnicode,
}
