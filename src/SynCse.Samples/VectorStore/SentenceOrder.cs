using Microsoft.Extensions.VectorData;

namespace SynCse.Samples;

/// <summary>The order of records as SQL has it.</summary>
internal static class SentenceOrder
{
    /// <summary>The columns to sort by; the key comes last, so that the order is always the same.</summary>
    /// <exception cref="NotSupportedException">It asks for something else than a property that is a column.</exception>
    public static string Sql(FilteredRecordRetrievalOptions<SentenceRecord>? options)
    {
        var sorts = options?.OrderBy?.Invoke(new()).Values ?? [];
        return string.Join(", ", sorts.Select(sort => $"{Column(sort)} {(sort.Ascending ? "ASC" : "DESC")}").Append("id"));
    }

    private static string Column(FilteredRecordRetrievalOptions<SentenceRecord>.OrderByDefinition.SortInfo sort)
        => RecordProperty.NameOf(sort.PropertySelector) switch
        {
            nameof(SentenceRecord.Id) => "id",
            nameof(SentenceRecord.Text) => "text",
            nameof(SentenceRecord.Source) => "source",
            _ => throw new NotSupportedException($"This collection sorts by {nameof(SentenceRecord.Id)}, {nameof(SentenceRecord.Text)} "
                + $"and {nameof(SentenceRecord.Source)}, not by '{sort.PropertySelector.Body}'."),
        };
}
