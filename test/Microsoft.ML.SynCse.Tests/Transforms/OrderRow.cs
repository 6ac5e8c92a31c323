namespace Microsoft.ML.SynCse.Tests;

/// <summary>A sentence to have texts written for.</summary>
public sealed class OrderRow
{
    public int Id { get; set; }

    public string Text { get; set; } = "";

    public bool Label { get; set; }

    public static OrderRow[] Many(int count)
        => [.. Enumerable.Range(0, count)
            .Select(i => new OrderRow { Id = i, Text = $"Order number {i} came {i % 7} days late", Label = i % 2 == 0 })];
}
