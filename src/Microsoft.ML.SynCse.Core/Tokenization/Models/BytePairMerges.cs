using System.Text.Json;
using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>The merges of byte-pair encoding, as tokenizer.json and merges.txt list them.</summary>
internal static class BytePairMerges
{
    /// <summary>An array of "left right" or of ["left", "right"].</summary>
    public static Dictionary<(int, int), BytePairMerge> Read(TokenizerNode node, Vocabulary vocabulary, string continuingPrefix) =>
        Collect(node.Items().Select(item => (Pair(item), (Func<string, Exception>)(what => item.Wrong(what)))), vocabulary, continuingPrefix);

    /// <summary>The lines of a text file that are merges, each "left right".</summary>
    /// <exception cref="InvalidDataException">A line is not two tokens, or one is not in the vocabulary; names file and line.</exception>
    public static List<string> Lines(TokenizerFileSet files, string name, Vocabulary vocabulary)
    {
        var merges = new List<string>();
        var listed = files.Lines(name).Select((line, index) => (line, index)).Where(at => IsMerge(at.line)).Select(at =>
        {
            Exception Complaint(string what) => files.Wrong(name, $"cannot be used: line {at.index + 1} {what}");
            merges.Add(at.line);
            return (Halves(at.line) ?? throw Complaint("is not two tokens with a blank between them"), (Func<string, Exception>)Complaint);
        });
        Collect(listed, vocabulary, continuingPrefix: "");
        return merges;
    }

    private static Dictionary<(int, int), BytePairMerge> Collect(
        IEnumerable<((string Left, string Right) Pair, Func<string, Exception> Complaint)> listed, Vocabulary vocabulary, string continuingPrefix)
    {
        var merges = new Dictionary<(int, int), BytePairMerge>();
        var rank = 0;
        foreach (var ((left, right), complaint) in listed)
        {
            int IdOf(string token) => vocabulary.IdOf(token) ?? throw complaint($"has the token '{token}', which the vocabulary lacks");

            var rest = right.StartsWith(continuingPrefix, StringComparison.Ordinal) ? right[continuingPrefix.Length..] : right;
            // A pair listed twice keeps its later rank, as it does in Hugging Face's map.
            merges[(IdOf(left), IdOf(right))] = new BytePairMerge(rank++, IdOf(left + rest));
        }
        return merges;
    }

    private static (string Left, string Right) Pair(TokenizerNode item)
    {
        if (item.Element.ValueKind == JsonValueKind.String) return Halves(item.Text()) ?? throw item.Wrong("is not two tokens with a blank between them");
        return item.Items().Take(3).ToList() is [var left, var right] ? (left.Text(), right.Text()) : throw item.Wrong("must be two tokens");
    }

    private static bool IsMerge(string line) => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal);

    private static (string Left, string Right)? Halves(string line)
    {
        var blank = line.IndexOf(' ');
        return blank > 0 && blank < line.Length - 1 && line.LastIndexOf(' ') == blank ? (line[..blank], line[(blank + 1)..]) : null;
    }
}
