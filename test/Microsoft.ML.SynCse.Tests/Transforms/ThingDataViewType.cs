using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The column type of <see cref="Thing"/>.</summary>
public sealed class ThingDataViewType() : StructuredDataViewType(typeof(Thing))
{
    public override bool Equals(DataViewType? other) => other is ThingDataViewType;

    public override bool Equals(object? obj) => obj is ThingDataViewType;

    public override int GetHashCode() => 1;
}
