using System.Collections;

namespace Microsoft.ML.SynCse.Core;

/// <summary>
/// A list that equals another one with equal items in the same order. A record that keeps its lists as these is equal to another record
/// by its values, as its users expect.
/// </summary>
internal sealed class ValueList<T> : IReadOnlyList<T>
{
    private readonly T[] _items;

    /// <summary>The list without items.</summary>
    public static IReadOnlyList<T> Empty { get; } = new ValueList<T>([]);

    private ValueList(T[] items) => _items = items;

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <summary>A copy of a list; null of null, so that a check can say what is missing.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(items))]
    public static IReadOnlyList<T>? Of(IReadOnlyList<T>? items) => items is null or ValueList<T> ? items : new ValueList<T>([.. items]);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValueList<T> other && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (var item in _items) hash.Add(item);
        return hash.ToHashCode();
    }
}

/// <summary>A dictionary that equals another one with the same keys and values; its order is the one that it was given in.</summary>
internal sealed class ValueDictionary<TValue> : IReadOnlyDictionary<string, TValue>
{
    private readonly IReadOnlyDictionary<string, TValue> _items;

    internal ValueDictionary(IReadOnlyDictionary<string, TValue> items) => _items = items;

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _items.Keys;

    /// <inheritdoc/>
    public IEnumerable<TValue> Values => _items.Values;

    /// <inheritdoc/>
    public TValue this[string key] => _items[key];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _items.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value)
        => _items.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, TValue>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override bool Equals(object? obj)
        => obj is ValueDictionary<TValue> other && Count == other.Count
            && _items.All(item => other.TryGetValue(item.Key, out var value) && EqualityComparer<TValue>.Default.Equals(item.Value, value));

    /// <inheritdoc/>
    public override int GetHashCode() => _items.Sum(item => (long)HashCode.Combine(item.Key, item.Value)).GetHashCode();
}

/// <summary>Makes dictionaries that are compared by value.</summary>
internal static class ValueDictionary
{
    /// <summary>A dictionary over another one, which must not change any more; null of null.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(items))]
    public static IReadOnlyDictionary<string, TValue>? Of<TValue>(IReadOnlyDictionary<string, TValue>? items)
        => items is null or ValueDictionary<TValue> ? items : new ValueDictionary<TValue>(items);
}
