using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse;

/// <summary>sentencepiece.bpe.model (or spiece.model) and tokenizer_config.json: XLM-RoBERTa.</summary>
internal static class OlderSentencePieceFormat
{
    private const string Blank = "\u2581";

    // fairseq put four tokens before the pieces and left SentencePiece's own three out: <unk>, <s>, </s>.
    private static readonly string[] _first = ["<s>", "<pad>", "</s>", "<unk>"];
    private const int OwnPieces = 3, Unknown = 3;

    public static byte[] Write(TokenizerFileSet files, SpecialTokenNames names)
    {
        var name = TokenizerFileSet.SentencePieceModels.FirstOrDefault(files.Has) ?? throw files.Wrong(TokenizerFileSet.SentencePieceModels[0], "is missing");
        var model = SentencePieceFile.Read(files, name);
        if (model.Pieces.Take(OwnPieces).Select(piece => piece.Kind).ToList() is not [SentencePieceKind.Unknown, SentencePieceKind.Control, SentencePieceKind.Control])
            throw files.Wrong(name, "does not begin with an unknown piece and two control pieces, as XLM-RoBERTa's does");
        List<SentencePiece> pieces = [.. _first.Select(Added), .. model.Pieces.Skip(OwnPieces), Added("<mask>")];
        var vocabulary = Vocabulary.Create([.. pieces.Select(piece => piece.Text)], what => files.Wrong(name, $"cannot be used: it {what}"));

        var special = new OlderSpecialTokens(files, new TokenizerConfig(files), vocabulary, names);
        foreach (var piece in model.Pieces.Where(piece => piece.Kind == SentencePieceKind.UserDefined)) special.Add(piece.Text);
        return TokenizerJsonWriter.Write(special, names, Normalizer(model), Metaspace(model), Metaspace(model), writer =>
        {
            writer.WriteString("type", "Unigram");
            writer.WriteNumber("unk_id", Unknown);
            writer.WriteStartArray("vocab");
            foreach (var piece in pieces)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(piece.Text);
                writer.WriteNumberValue((double)piece.Score);
                writer.WriteEndArray();
            }
            writer.WriteEndArray();
            writer.WriteBoolean("byte_fallback", model.ByteFallback);
        });
    }

    private static SentencePiece Added(string text) => new(text, 0, SentencePieceKind.Control);

    // What transformers makes of such a model.
    private static JsonObject Normalizer(SentencePieceFile model)
    {
        var blanks = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = " {2,}" }, ["content"] = " " };
        if (model.CharacterMap.Length == 0) return blanks;
        var map = new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(model.CharacterMap) };
        return new() { ["type"] = "Sequence", ["normalizers"] = new JsonArray(map, blanks) };
    }

    private static JsonObject Metaspace(SentencePieceFile model) => new()
    {
        ["type"] = "Metaspace",
        ["replacement"] = Blank,
        ["prepend_scheme"] = model.PrependsBlank ? "always" : "never",
        ["split"] = true,
    };
}
