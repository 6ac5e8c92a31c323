using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Microsoft.ML;

namespace SynCse.Samples;

/// <summary>Scored pairs in a CSV file (RFC 4180, UTF-8) with the header Label,Sentence1,Sentence2: for ML.NET's text loader.</summary>
internal static class ScoredSentencePairFile
{
    /// <summary>Writes a whole file, or none; returns how many rows it has.</summary>
    public static async Task<int> WriteAsync(string path, IEnumerable<ScoredSentencePair> pairs, CancellationToken cancellationToken)
    {
        int rows = 0;
        await OutputFile.WriteAsync(path, async stream =>
        {
            await using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            await using var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" });
            csv.WriteHeader<ScoredSentencePair>();
            foreach (var pair in pairs)
            {
                await csv.NextRecordAsync();
                csv.WriteRecord(pair);
                rows++;
            }
            await csv.NextRecordAsync();
        }, cancellationToken);
        return rows;
    }

    /// <summary>The line that reads it in another program.</summary>
    public static string LoadingCode(string path)
        => $"mlContext.Data.LoadFromTextFile<Pair>(\"{Path.GetFileName(path)}\", separatorChar: ',', hasHeader: true, allowQuoting: true)";

    public static IDataView Load(MLContext mlContext, string path)
        => mlContext.Data.LoadFromTextFile<ScoredSentencePair>(path, separatorChar: ',', hasHeader: true, allowQuoting: true);
}
