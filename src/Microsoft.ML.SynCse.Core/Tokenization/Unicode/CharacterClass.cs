namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>What tokenizers ask about a character.</summary>
[Flags]
internal enum CharacterClass : ushort
{
    None = 0,

    /// <summary>Unicode's White_Space.</summary>
    WhiteSpace = 1,

    /// <summary>What BERT's clean_text drops.</summary>
    Dropped = 2,

    /// <summary>What BERT puts spaces around.</summary>
    Chinese = 4,

    /// <summary>ASCII punctuation and symbols, and the categories P*.</summary>
    Punctuation = 8,

    /// <summary>The category Mn.</summary>
    NonSpacingMark = 16,

    /// <summary>The categories L*.</summary>
    Letter = 32,

    /// <summary>The categories N*.</summary>
    Number = 64,

    /// <summary>\w of Rust's regular expressions.</summary>
    Word = 128,

    /// <summary>The categories N* as Rust itself has them, which knows a later Unicode than its regular expressions.</summary>
    Numeric = 256,
}
