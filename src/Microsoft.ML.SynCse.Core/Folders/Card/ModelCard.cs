using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>Where an encoder comes from and how good it is: what <c>SentenceEncoder.Save</c> writes into the folder's README.md. Never
/// holds a sentence of the data.</summary>
/// <remarks>
/// Training fills the card of the encoder it returns (<see cref="TextEncoder.Card"/>), and it travels in folders and ML.NET models; what
/// only the user knows, such as the licence, is added when saving. Every property may be null. It is then taken from the encoder's own
/// card, or left out. Two cards with equal contents are equal. Immutable, so it may be shared between threads.
/// </remarks>
public sealed record ModelCard
{
    /// <summary>The model's name, the card's title. Default: null; an encoder from a folder is called as the folder.</summary>
    public string? Name { get; init; }

    /// <summary>The encoder it was tuned from: <c>organisation/name</c> on the Hugging Face Hub, or another name.</summary>
    public string? BaseModel { get; init; }

    /// <summary>The licence, by the Hub's identifier: lower-case letters, digits, dots, minus and plus, such as <c>mit</c> or
    /// <c>apache-2.0</c>; <c>other</c> with <see cref="LicenseName"/>. Never guessed.</summary>
    public string? License { get; init; }

    /// <summary>The name of a licence that the Hub has no identifier for; <see cref="License"/> is <c>other</c> then.</summary>
    public string? LicenseName { get; init; }

    /// <summary>Where the text of such a licence is: an address, or a file of the folder.</summary>
    public string? LicenseLink { get; init; }

    /// <summary>The languages, by ISO 639 code, such as <c>en</c>.</summary>
    public IReadOnlyList<string>? Languages { get; init => field = ValueList<string>.Of(value); }

    /// <summary>Where the training data comes from, in words.</summary>
    public string? DataSource { get; init; }

    /// <summary>Counts by name, such as examples and held-out examples.</summary>
    public IReadOnlyDictionary<string, long>? DataCounts { get; init => field = ValueDictionary.Of(value); }

    /// <summary>Identifies the training data without showing it: the SHA-256 of the examples in order, as hexadecimal digits.</summary>
    public string? DataFingerprint { get; init; }

    /// <summary>The settings of the training by name.</summary>
    public IReadOnlyDictionary<string, string>? Recipe { get; init => field = ValueDictionary.Of(value); }

    /// <summary>Figures before and after the training.</summary>
    public IReadOnlyList<ModelCardScore>? Scores { get; init => field = ValueList<ModelCardScore>.Of(value); }

    /// <summary>What else a user of the model should know, one sentence each.</summary>
    public IReadOnlyList<string>? Notes { get; init => field = ValueList<string>.Of(value); }

    /// <summary>This card, with the open parts of another.</summary>
    internal ModelCard Over(ModelCard own) => new()
    {
        Name = Name ?? own.Name,
        BaseModel = BaseModel ?? own.BaseModel,
        License = License ?? own.License,
        // a licence and its name belong together
        LicenseName = License is null ? LicenseName ?? own.LicenseName : LicenseName,
        LicenseLink = License is null ? LicenseLink ?? own.LicenseLink : LicenseLink,
        Languages = Languages ?? own.Languages,
        DataSource = DataSource ?? own.DataSource,
        DataCounts = DataCounts ?? own.DataCounts,
        DataFingerprint = DataFingerprint ?? own.DataFingerprint,
        Recipe = Recipe ?? own.Recipe,
        Scores = Scores ?? own.Scores,
        Notes = Notes ?? own.Notes,
    };
}

/// <summary>A figure of an encoder before and after its training.</summary>
/// <remarks>Immutable, so it may be shared between threads.</remarks>
/// <param name="Name">What was measured, and on what.</param>
/// <param name="Before">The start encoder's; null where it was not measured.</param>
/// <param name="After">The encoder's.</param>
public sealed record ModelCardScore(string Name, double? Before, double After);
