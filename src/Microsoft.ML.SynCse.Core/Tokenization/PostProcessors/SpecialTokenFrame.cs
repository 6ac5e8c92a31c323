namespace Microsoft.ML.SynCse.Core.Tokenization.PostProcessors;

/// <summary>The ids that a post-processor puts before and behind a single sentence's.</summary>
internal sealed record SpecialTokenFrame(int[] Before, int[] Behind)
{
    public static SpecialTokenFrame None { get; } = new([], []);

    public int Count => Before.Length + Behind.Length;

    public SpecialTokenFrame Within(SpecialTokenFrame outer) => new([.. outer.Before, .. Before], [.. Behind, .. outer.Behind]);
}
