namespace Microsoft.ML.SynCse;
internal sealed record TokenizerHints(string ModelType, bool LowerCase);
internal static class SentenceTokenizerLoader { public static SentenceTokenizer Load(IModelFileSource files, TokenizerHints hints) => throw new InvalidDataException(); }
