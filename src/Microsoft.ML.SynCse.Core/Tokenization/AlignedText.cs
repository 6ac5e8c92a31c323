using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>A text that was made from an original text, with the place in the original that each of its characters stands for.</summary>
/// <remarks>Only <see cref="EncoderTokenizer"/> needs places; encoding works on plain strings.</remarks>
internal sealed class AlignedText
{
    // For each character of Text the part of the original that it stands for. Both never decrease.
    private readonly int[] _starts, _ends;

    // The place in the original where an empty part at the end of Text lies.
    private readonly int _end;

    private AlignedText(string text, int[] starts, int[] ends, int end) => (Text, _starts, _ends, _end) = (text, starts, ends, end);

    public string Text { get; }

    /// <summary>The original itself; the halves of a surrogate pair stand for the whole pair.</summary>
    public static AlignedText Of(string original)
    {
        var (starts, ends) = (new int[original.Length], new int[original.Length]);
        for (int at = 0; at < original.Length; at++)
        {
            bool isSecond = char.IsLowSurrogate(original[at]) && at > 0 && char.IsHighSurrogate(original[at - 1]);
            bool isFirst = char.IsHighSurrogate(original[at]) && at + 1 < original.Length && char.IsLowSurrogate(original[at + 1]);
            (starts[at], ends[at]) = (isSecond ? at - 1 : at, isFirst ? at + 2 : at + 1);
        }
        return new(original, starts, ends, original.Length);
    }

    /// <summary>The part of the original that the characters from <paramref name="start"/> to <paramref name="end"/> stand for.</summary>
    public (int Start, int End) Origin(int start, int end) => start < end ? (_starts[start], _ends[end - 1]) : (Place(start), Place(start));

    public AlignedText Slice(int start, int length)
    {
        if (length == Text.Length) return this;
        int end = length == 0 ? Place(start) : _ends[start + length - 1];
        return new(Text.Substring(start, length), _starts[start..(start + length)], _ends[start..(start + length)], end);
    }

    /// <summary>What a function makes of the text, aligned by what the function makes of its parts.</summary>
    /// <remarks>
    /// The parts are words, and in a changed word its grapheme clusters. Parts are trusted only as far as their results, put together,
    /// are the result of the whole; the rest is aligned by its share of the length. The time is linear if the function's is.
    /// </remarks>
    public AlignedText Map(Func<string, string> function)
    {
        string whole = function(Text);
        if (whole == Text) return this;
        var result = new Builder(this);
        int made = 0;
        for (int at = 0; at < Text.Length;)
        {
            int end = EndOfWord(at);
            string word = Text[at..end], mapped = function(word);
            if (!whole.AsSpan(made).StartsWith(mapped)) return result.Stretch(at, Text.Length, whole.AsSpan(made)).Build();
            if (mapped == word) result.Keep(at, end);
            else MapClusters(at, end, mapped, function, result);
            (at, made) = (end, made + mapped.Length);
        }
        return result.Stretch(Text.Length, Text.Length, whole.AsSpan(made)).Build();
    }

    private void MapClusters(int start, int end, ReadOnlySpan<char> whole, Func<string, string> function, Builder result)
    {
        for (int at = start; at < end;)
        {
            int next = at + StringInfo.GetNextTextElementLength(Text.AsSpan(at, end - at));
            string cluster = Text[at..next], mapped = function(cluster);
            if (!whole.StartsWith(mapped) || (next == end && whole.Length != mapped.Length))
            {
                result.Stretch(at, end, whole);
                return;
            }
            if (mapped == cluster) result.Keep(at, next);
            else result.Replace(at, next, mapped);
            whole = whole[mapped.Length..];
            at = next;
        }
    }

    // A word ends after a white-space character and the marks on it.
    private int EndOfWord(int start)
    {
        int at = start;
        while (at < Text.Length && !char.IsWhiteSpace(Text[at])) at++;
        return at == Text.Length ? at : at + StringInfo.GetNextTextElementLength(Text.AsSpan(at));
    }

    private int Place(int at) => at < Text.Length ? _starts[at] : _end;

    /// <summary>Puts together a text that is made from a source, part by part, in the order of the source.</summary>
    public sealed class Builder(AlignedText source)
    {
        private readonly StringBuilder _text = new(source.Text.Length + 16);
        private readonly List<int> _starts = new(source.Text.Length + 16), _ends = new(source.Text.Length + 16);

        /// <summary>Takes characters of the source over as they are.</summary>
        public void Keep(int start, int end)
        {
            _text.Append(source.Text, start, end - start);
            _starts.AddRange(source._starts.AsSpan(start..end));
            _ends.AddRange(source._ends.AsSpan(start..end));
        }

        /// <summary>Puts a text in the place of characters of the source; each of its characters stands for all of them.</summary>
        public void Replace(int start, int end, ReadOnlySpan<char> by)
        {
            var (first, last) = source.Origin(start, end);
            Append(by, first, last);
        }

        /// <summary>Puts a text in the place of characters of the source; each of its characters stands for its share of them.</summary>
        public Builder Stretch(int start, int end, ReadOnlySpan<char> by)
        {
            long length = end - start;
            for (int i = 0; i < by.Length; i++)
            {
                int first = start + (int)(i * length / by.Length), last = start + (int)(((i + 1) * length + by.Length - 1) / by.Length);
                var (from, to) = source.Origin(first, last);
                Append(by.Slice(i, 1), from, to);
            }
            return this;
        }

        public AlignedText Build() => new(_text.ToString(), [.. _starts], [.. _ends], source._end);

        private void Append(ReadOnlySpan<char> text, int start, int end)
        {
            _text.Append(text);
            for (int i = 0; i < text.Length; i++)
            {
                _starts.Add(start);
                _ends.Add(end);
            }
        }
    }
}
