using Google.Protobuf;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A SentencePiece model of a few pieces, changed as a test needs.</summary>
internal sealed record TinySentencePiece
{
    public List<(string Text, float Score, int Kind)> Pieces { get; init; } =
        [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁", -2, 1), ("b", -3, 1), ("▁cat", -4, 1), ("s", -5, 1), ("[NEW]", 0, 4)];

    public int ModelType { get; init; } = 1;

    public byte[] CharacterMap { get; init; } = [];

    public bool PrependsBlank { get; init; } = true;

    public bool EscapesBlanks { get; init; } = true;

    public bool ByteFallback { get; init; }

    public byte[] ToBytes() => Message(model =>
    {
        foreach (var (text, score, kind) in Pieces)
        {
            Nested(model, 1, piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(score);
                // Of no account to us; must be passed over.
                piece.WriteTag(200, WireFormat.WireType.LengthDelimited);
                piece.WriteString("other");
                if (kind != 1) Number(piece, 3, kind);
            });
        }
        Nested(model, 2, trainer =>
        {
            Number(trainer, 3, ModelType);
            Number(trainer, 4, Pieces.Count);
            if (ByteFallback) Number(trainer, 35, 1);
        });
        Nested(model, 3, normalizer =>
        {
            normalizer.WriteTag(2, WireFormat.WireType.LengthDelimited);
            normalizer.WriteBytes(ByteString.CopyFrom(CharacterMap));
            Number(normalizer, 3, PrependsBlank ? 1 : 0);
            Number(normalizer, 5, EscapesBlanks ? 1 : 0);
        });
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream)) write(output);
        return stream.ToArray();
    }

    private static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Message(write)));
    }

    private static void Number(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }
}
