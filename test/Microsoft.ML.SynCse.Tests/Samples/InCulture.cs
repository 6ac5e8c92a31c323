using System.Globalization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>This thread, and the threads that it starts, in a culture, until disposed of.</summary>
internal sealed class InCulture : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    /// <param name="name">Such as <c>de-DE</c>; empty: the invariant one.</param>
    public InCulture(string name)
    {
        // Where .NET runs without ICU's data, every culture is the invariant one, and nothing would be tested.
        var culture = new CultureInfo(name, useUserOverride: false);
        if (name is "de-DE" or "fr-FR" or "ar-SA")
            Assert.AreNotEqual(".", culture.NumberFormat.NumberDecimalSeparator, $"The culture {name} is not known here.");
        CultureInfo.CurrentCulture = culture;
    }

    public void Dispose() => CultureInfo.CurrentCulture = _before;
}
