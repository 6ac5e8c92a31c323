namespace Microsoft.ML.SynCse.Tests;

/// <summary>Changes to a SentencePiece model, each of which breaks a rule of the format or asks for what is not supported.</summary>
internal static class SentencePieceMutations
{
    // Field 1 of a length of its own.
    private const byte PieceTag = 0x0A;

    /// <summary>The model before.</summary>
    public static TinySentencePiece Whole { get; } = new()
    {
        Pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁", -2, 1), ("a", -3, 1), ("▁the", -4, 1), ("▁cat", -5, 1),
            ("▁dog", -6, 1), ("▁is", -7, 1), ("late", -8, 1)],
    };

    /// <summary>One change; the same for the same draws.</summary>
    public static Mutation Make(byte[] whole, Random random)
    {
        int piece = random.Next(3, Whole.Pieces.Count);
        switch (random.Next(8))
        {
            case 0:
                return new("bytes missing", true, [.. whole, PieceTag, (byte)random.Next(1, 128)]);
            case 1:
                return new("length without end", true, [PieceTag, .. Enumerable.Repeat((byte)0xFF, 11), .. whole]);
            case 2:
                return new("cut", true, whole[..CutInside(whole, piece, random)]);
            case 3:
                return Changed("type", Whole with { ModelType = random.Next(2, 20) });
            case 4:
                return Changed("blanks", Whole with { EscapesBlanks = false });
            case 5:
                return Changed("own pieces", Whole with { Pieces = [.. Whole.Pieces.Skip(random.Next(1, 4))] });
            case 6:
                return Changed("piece twice", Whole with { Pieces = [.. Whole.Pieces, Whole.Pieces[piece]] });
            default:
                float[] scores = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];
                return Changed("score", Whole with { Pieces = [.. Whole.Pieces, ("x", scores[random.Next(scores.Length)], 1)] });
        }
    }

    // Between two pieces a file may end; the pieces are so short that a length is one byte.
    private static int CutInside(byte[] whole, int piece, Random random)
    {
        int start = 0;
        for (int i = 0; i < piece; i++) start += 2 + whole[start + 1];
        return start + random.Next(1, 2 + whole[start + 1]);
    }

    private static Mutation Changed(string kind, TinySentencePiece model) => new(kind, true, model.ToBytes());
}
