using System.Text;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TextFileTests
{
    private const int Chunk = 16 * 1024;

    // "Päckchen" as Excel's plain CSV has it.
    private static readonly byte[] _windows1252 = [.. "P"u8, 0xE4, .. "ckchen"u8];

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(700)]
    [DataRow(5000)]
    public void The_first_line_that_is_no_UTF_8_is_named(int before)
    {
        var lines = Enumerable.Range(0, before).Select(i => $"Zeile {i}: Größe, 世界 📦\r\n");
        byte[] good = Encoding.UTF8.GetBytes(string.Concat(lines));
        string error = Refused([.. good, .. _windows1252, .. "\r\nand on\r\n"u8, .. _windows1252]);
        StringAssert.Contains(error, $"Line {before + 1} of 'the text' is no UTF-8 text (the byte 0xE4)");
        StringAssert.Contains(error, "iconv");
        StringAssert.Contains(error, "--encoding windows-1252");
    }

    [TestMethod]
    [DataRow(new byte[] { 0x80 })]                              // begins nothing
    [DataRow(new byte[] { 0xC0, 0xAF })]                        // overlong
    [DataRow(new byte[] { 0xED, 0xA0, 0x80 })]                  // half of a surrogate pair
    [DataRow(new byte[] { 0xF5, 0x80, 0x80, 0x80 })]            // beyond U+10FFFF
    [DataRow(new byte[] { 0xE2, 0x82 })]                        // cut off
    [DataRow(new byte[] { 0xFE, 0x41 })]
    public void Every_kind_of_wrong_bytes_is_told_inside_and_at_the_end(byte[] wrong)
    {
        StringAssert.Contains(Refused([.. "one\ntwo\n"u8, .. wrong]), "Line 3 of");
        StringAssert.Contains(Refused([.. "one\ntwo "u8, .. wrong, .. " more\nfour\n"u8]), "Line 2 of");
    }

    [TestMethod]
    public void Characters_and_line_ends_that_two_chunks_share_are_read_whole()
    {
        foreach (int shift in Enumerable.Range(0, 8))
        {
            string text = new string('x', Chunk - 4 + shift) + "€📦\r\nthe second line";
            Assert.AreEqual(text, Read(Encoding.UTF8.GetBytes(text)));
            string lines = new string('x', Chunk - 4 + shift) + "\r\n\r\n";
            StringAssert.Contains(Refused([.. Encoding.UTF8.GetBytes(lines), 0xFF]), "Line 3 of");
        }
    }

    [TestMethod]
    [DataRow("\n")]
    [DataRow("\r")]
    [DataRow("\r\n")]
    public void Lines_are_counted_whatever_ends_them(string end)
        => StringAssert.Contains(Refused([.. Encoding.UTF8.GetBytes($"a{end}{end}b{end}"), 0xE4, .. "n"u8]), "Line 4 of");

    [TestMethod]
    public void A_byte_order_mark_says_the_encoding_and_is_no_part_of_the_text()
    {
        const string Text = "Grüße, 世界 📦\nsecond line";
        foreach (var encoding in new Encoding[] { new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32,
            new UTF32Encoding(true, true) })
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];
            Assert.AreEqual(Text, Read(bytes), encoding.WebName);
            Assert.AreEqual(Text, Read(bytes, Encoding.Latin1), encoding.WebName);
        }
        Assert.AreEqual("", Read([0xEF, 0xBB, 0xBF]));
        Assert.AreEqual("", Read([]));
        Assert.AreEqual("a", Read("a"u8.ToArray()));
    }

    [TestMethod]
    public void UTF_16_without_a_mark_is_named_and_read_where_it_is_said()
    {
        foreach (var encoding in new Encoding[] { new UnicodeEncoding(false, false), new UnicodeEncoding(true, false) })
        {
            byte[] bytes = encoding.GetBytes("anchor\tpositive\n");
            StringAssert.Contains(Refused(bytes), "UTF-16 without a byte order mark");
            Assert.AreEqual("anchor\tpositive\n", Read(bytes, encoding));
        }
        // Half of a surrogate pair, in the second line.
        StringAssert.Contains(Refused([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a\n"), 0x3D, 0xD8, .. Encoding.Unicode.GetBytes("b\n")]),
            "Line 2 of 'the text' is no UTF-16 text");
    }

    [TestMethod]
    public void Other_encodings_are_read_where_they_are_named_and_checked_too()
    {
        Assert.AreEqual("Päckchen €", Read([.. _windows1252, .. " "u8, 0x80], CodePages(1252)));
        Assert.AreEqual("世界", Read(CodePages(932).GetBytes("世界"), CodePages(932)));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(()
            => Read([.. "one\n"u8, 0x81, .. "\n"u8], CodePages(932))).Message, "Line 2 of 'the text' is no SHIFT_JIS text");
    }

    [TestMethod]
    public async Task Lines_of_a_stream_are_read_asynchronously_in_any_pieces()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("Grüße\r\n世界 📦\n\nthe end");
        using var reader = TextFile.Open(new TricklingStream(bytes), "standard input");
        List<string> lines = [];
        while (await reader.ReadLineAsync() is { } line) lines.Add(line);
        CollectionAssert.AreEqual(new[] { "Grüße", "世界 📦", "", "the end" }, lines);
        using var wrong = TextFile.Open(new TricklingStream([.. "one\n"u8, 0xE4, .. "two"u8]), "standard input");
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(wrong.ReadToEndAsync);
        StringAssert.Contains(error.Message, "Line 2 of 'standard input'");
    }

    [TestMethod]
    public void A_long_text_takes_no_more_memory_than_a_short_one()
    {
        byte[] line = Encoding.UTF8.GetBytes("Ein Päckchen für Müller ist da.\n");
        using var reader = TextFile.Open(new MemoryStream([.. Enumerable.Repeat(line, 200_000).SelectMany(l => l)]), "the text");
        int lines = 0;
        Span<char> chars = new char[4096];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count; (count = reader.Read(chars)) > 0;) lines += chars[..count].Count('\n');
        Assert.AreEqual(200_000, lines);
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Encoding CodePages(int codePage) => CodePagesEncodingProvider.Instance.GetEncoding(codePage)!;

    private static string Read(byte[] bytes, Encoding? encoding = null)
    {
        using var reader = TextFile.Open(new MemoryStream(bytes), "the text", encoding);
        return reader.ReadToEnd();
    }

    private static string Refused(byte[] bytes) => Assert.ThrowsExactly<InvalidDataException>(() => Read(bytes)).Message;

    /// <summary>Gives three bytes at most at a time, as a pipe may.</summary>
    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(3, buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(3, buffer.Length)], cancellationToken);
    }
}
