using System.Text;
using Google.Protobuf;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>What a SentencePiece model (a protocol buffer, sentencepiece_model.proto) says about cutting text. The settings of its
/// training are not read.</summary>
internal sealed record SentencePieceFile
{
    // A piece takes about four bytes of the file, but a hundred bytes of memory.
    private const int MostPieces = 4_000_000;

    private const int UnigramType = 1;
    private static readonly string[] _types = ["", "Unigram", "BPE", "Word", "Char"];
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public List<SentencePiece> Pieces { get; } = [];

    /// <summary>precompiled_charsmap; empty if text stays as it is.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    /// <summary>Whether a blank is put before text.</summary>
    public bool PrependsBlank { get; private set; } = true;

    /// <summary>Whether a character without a piece is spelled in the pieces of its bytes.</summary>
    public bool ByteFallback { get; private set; }

    /// <exception cref="InvalidDataException">The file is damaged or not a Unigram model; names it.</exception>
    public static SentencePieceFile Read(TokenizerFileSet files, string name)
    {
        var (file, modelType, escapesBlanks, blanksAfterWords) = (new SentencePieceFile(), UnigramType, true, false);
        try
        {
            ReadFields(files.Files[name], (field, input) =>
            {
                switch (field)
                {
                    case (1, WireFormat.WireType.LengthDelimited):
                        if (file.Pieces.Count == MostPieces) throw files.Wrong(name, $"has more than {MostPieces} pieces");
                        file.Pieces.Add(Piece(input.ReadBytes()));
                        return true;
                    case (2, WireFormat.WireType.LengthDelimited):
                        ReadFields(input.ReadBytes().ToByteArray(), (trainer, value) => trainer switch
                        {
                            (3, WireFormat.WireType.Varint) => Set(modelType = value.ReadEnum()),
                            (24, WireFormat.WireType.Varint) => Set(blanksAfterWords = value.ReadBool()),
                            (35, WireFormat.WireType.Varint) => Set(file.ByteFallback = value.ReadBool()),
                            _ => false,
                        });
                        return true;
                    case (3, WireFormat.WireType.LengthDelimited):
                        ReadFields(input.ReadBytes().ToByteArray(), (normalizer, value) => normalizer switch
                        {
                            (2, WireFormat.WireType.LengthDelimited) => Set(file.CharacterMap = value.ReadBytes().ToByteArray()),
                            (3, WireFormat.WireType.Varint) => Set(file.PrependsBlank = value.ReadBool()),
                            (5, WireFormat.WireType.Varint) => Set(escapesBlanks = value.ReadBool()),
                            _ => false,
                        });
                        return true;
                    default:
                        return false;
                }
            });
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or DecoderFallbackException)
        {
            throw files.Wrong(name, $"is not a SentencePiece model: {error.Message.TrimEnd('.')}", error);
        }
        if (modelType != UnigramType)
            throw files.Wrong(name, $"is a SentencePiece model of the type {(modelType is > 0 and < 5 ? _types[modelType] : modelType)}, "
                + $"which is not supported; {_types[UnigramType]} is. Give its tokenizer.json");
        if (!escapesBlanks) throw files.Wrong(name, "has escape_whitespaces off, which is not supported; give its tokenizer.json");
        if (blanksAfterWords) throw files.Wrong(name, "has treat_whitespace_as_suffix on, which is not supported; give its tokenizer.json");
        return file.Pieces.All(piece => float.IsFinite(piece.Score))
            ? file : throw files.Wrong(name, "has a piece whose score is not a number");
    }

    private static SentencePiece Piece(ByteString message)
    {
        var (text, score, kind) = ("", 0f, SentencePieceKind.Normal);
        ReadFields(message.ToByteArray(), (field, input) => field switch
        {
            (1, WireFormat.WireType.LengthDelimited) => Set(text = _strictUtf8.GetString(input.ReadBytes().Span)),
            (2, WireFormat.WireType.Fixed32) => Set(score = input.ReadFloat()),
            (3, WireFormat.WireType.Varint) => Set(kind = (SentencePieceKind)input.ReadEnum()),
            _ => false,
        });
        return new(text, score, kind);
    }

    // The reader checks every length against the rest of the bytes before it allocates anything. A field that is not taken is skipped.
    private static void ReadFields(byte[] message, Func<(int, WireFormat.WireType), CodedInputStream, bool> take)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            if (!take((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag)), input)) input.SkipLastField();
        }
    }

    private static bool Set<T>(T _) => true;
}

/// <summary>One piece of a SentencePiece model.</summary>
internal sealed record SentencePiece(string Text, float Score, SentencePieceKind Kind);

/// <summary>The kinds of pieces of a SentencePiece model, with the numbers of its format.</summary>
internal enum SentencePieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
