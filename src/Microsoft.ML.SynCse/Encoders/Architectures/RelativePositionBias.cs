using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>What attention adds for the distance of two tokens: small distances have a bucket each, larger ones share buckets that grow with the logarithm (Raffel et al., 2020, section 2.1).</summary>
/// <param name="table">One value a bucket and head (K, h); belongs to the network's weights.</param>
internal sealed class RelativePositionBias(Tensor table)
{
    private const int FarthestOfItsOwn = 128;

    /// <summary>The bias of T tokens: (1, h, T, T).</summary>
    public Tensor For(int length)
    {
        using var scope = NewDisposeScope();
        var buckets = Buckets(length, table.device);
        return table.index_select(0, buckets.view(-1)).view(length, length, -1).permute(2, 0, 1).unsqueeze(0).contiguous().MoveToOuterDisposeScope();
    }

    // Computed by torch in float32, as PyTorch does: a logarithm one bit off would put a distance into the bucket beside.
    private Tensor Buckets(int length, Device device)
    {
        int half = (int)table.shape[0] / 2, exact = half / 2;
        var place = arange(length, dtype: ScalarType.Int64, device: device);
        var distance = place.unsqueeze(1).sub(place.unsqueeze(0));                                      // (T, T): positive where the other token stands before
        var size = distance.abs();
        var grown = size.to(ScalarType.Float32).div(exact).log().div(Math.Log(FarthestOfItsOwn / (double)exact)).mul(half - exact).to(ScalarType.Int64).add(exact).clamp(max: half - 1);
        return distance.lt(0).to(ScalarType.Int64).mul(half).add(where(size.lt(exact), size, grown));
    }
}
