using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>The older files of XLM-RoBERTa and CamemBERT: sentencepiece.bpe.model (or spiece.model) and tokenizer_config.json.</summary>
internal static class OlderSentencePieceFormat
{
    private const string Blank = "\u2581";

    // fairseq put four tokens before the pieces and left SentencePiece's own three out: <unk>, <s>, </s>.
    private static readonly SentencePiece[] _first = [Added("<s>"), Added("<pad>"), Added("</s>"), Added("<unk>")];
    private const int OwnPieces = 3, Unknown = 3;

    // For CamemBERT it put five there and left out only <unk>, so the others came twice, under other names.
    private static readonly SentencePiece[] _camembertFirst =
        [Added("<s>NOTUSED"), Added("<pad>"), Added("</s>NOTUSED"), Added("<unk>"), new("<unk>NOTUSED", -100, SentencePieceKind.Control)];

    /// <summary>The pre-tokenizer that the classes of transformers use, even if tokenizer.json has another.</summary>
    public static IPreTokenizer UsualPreTokenizer { get; } = new SequencePreTokenizer(
        [new WhitespaceSplitPreTokenizer(), new MetaspacePreTokenizer(Blank, MetaspacePreTokenizer.PrependScheme.Always, Cut: true)]);

    public static byte[] Write(TokenizerFileSet files, SpecialTokenNames names) => Write(files, names, _first, leftOut: OwnPieces);

    public static byte[] WriteCamembert(TokenizerFileSet files, SpecialTokenNames names)
        => Write(files, names, _camembertFirst, leftOut: 1);

    private static byte[] Write(TokenizerFileSet files, SpecialTokenNames names, SentencePiece[] first, int leftOut)
    {
        string name = TokenizerFileSet.SentencePieceModels.FirstOrDefault(files.Has)
            ?? throw files.Wrong(TokenizerFileSet.SentencePieceModels[0], "is missing");
        var model = SentencePieceFile.Read(files, name);
        if (model.Pieces.Take(OwnPieces).Select(piece => piece.Kind).ToList()
            is not [SentencePieceKind.Unknown, SentencePieceKind.Control, SentencePieceKind.Control])
            throw files.Wrong(name, "does not begin with an unknown piece and two control pieces, as XLM-RoBERTa's and CamemBERT's do");
        List<SentencePiece> pieces = [.. first, .. model.Pieces.Skip(leftOut), Added("<mask>")];
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var piece in pieces)
            if (!texts.Add(piece.Text)) throw files.Wrong(name, $"cannot be used: it has the token '{piece.Text}' twice");
        var vocabulary = Vocabulary.Create(
            [.. pieces.Select(piece => piece.Text)], what => files.Wrong(name, $"cannot be used: it {what}"));

        var special = new OlderSpecialTokens(files, new TokenizerConfig(files), vocabulary, name, names);
        foreach (var piece in model.Pieces.Where(piece => piece.Kind == SentencePieceKind.UserDefined)) special.Add(piece.Text);
        return TokenizerJsonWriter.Write(special, names, Normalizer(model), PreTokenizer(model), Metaspace(model), writer =>
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

    // The normalizer that transformers makes of such a model.
    private static JsonObject Normalizer(SentencePieceFile model)
    {
        var blanks = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = " {2,}" }, ["content"] = " " };
        if (model.CharacterMap.Length == 0) return blanks;
        var map = new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(model.CharacterMap) };
        return new() { ["type"] = "Sequence", ["normalizers"] = new JsonArray(map, blanks) };
    }

    // White space is removed before blanks are spelled, as in the tokenizer.json of XLM-RoBERTa and in the class of transformers. If no
    // blank is put before a text, nothing would be left of the blanks between words, so white space stays.
    private static JsonObject PreTokenizer(SentencePieceFile model) => !model.PrependsBlank ? Metaspace(model) : new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "WhitespaceSplit" }, Metaspace(model)),
    };

    private static JsonObject Metaspace(SentencePieceFile model) => new()
    {
        ["type"] = "Metaspace",
        ["replacement"] = Blank,
        ["prepend_scheme"] = model.PrependsBlank ? "always" : "never",
        ["split"] = true,
    };
}
