using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Tells ML.NET of <see cref="ThingDataViewType"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ThingTypeAttribute : DataViewTypeAttribute
{
    public override bool Equals(DataViewTypeAttribute? other) => other is ThingTypeAttribute;

    public override bool Equals(object? obj) => obj is ThingTypeAttribute;

    public override int GetHashCode() => 1;

    public override void Register() => DataViewTypeManager.Register(new ThingDataViewType(), typeof(Thing), this);
}
