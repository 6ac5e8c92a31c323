using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class DelimitedFileTests
{
    [TestMethod]
    [DataRow("a,b\n\"x; y\",z; w\n", ',')]
    [DataRow("a;b\n\"x, y\";z, w\nq, r;s\n", ';')]
    [DataRow("sep=;\na;b\nx;z\n", ';')]
    [DataRow("\uFEFFSEP=|\r\na|b\r\nx|z\r\n", '|')]
    [DataRow("\"sep=;\"\n\"a\";\"b\"\n\"x\";\"z\"\n", ';')]
    [DataRow("sep=,\na,b;c\nx,z\n", ',')]
    [DataRow("a\tb\nx, y\tz; w\n", '\t')]
    [DataRow("a|b\nx, y|z\n", '|')]
    [DataRow("\"a\";\"b \"\"c\"\"\"\n\"x\ny\";z\n", ';')]
    [DataRow("sentence\nOne; two, three.\nFour.\n", ',')]
    [DataRow("a,b\nx,y\nx,y,z\n", ',')]
    public void What_separates_the_fields_is_found(string content, char expected)
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(expected, new DelimitedFile(Write(folder, "t.csv", content)).Separator);
    }

    [TestMethod]
    public void A_line_that_names_the_separator_is_counted_and_no_row()
    {
        using var folder = new TemporaryFolder();
        var file = new DelimitedFile(Write(folder, "t.csv", "sep=;\na;b\n1;2\n3\n"));
        CollectionAssert.AreEqual(new[] { "a", "b" }, file.FirstRow);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => file.Rows(skipFirst: true).Count());
        StringAssert.Contains(error.Message, "Line 4 of");
        StringAssert.Contains(error.Message, "semicolons");
    }

    [TestMethod]
    public void A_comma_too_many_is_an_error_and_cuts_no_text()
    {
        using var folder = new TemporaryFolder();
        var file = new DelimitedFile(Write(folder, "t.csv", "refund,my money back\nrefund,my money back, now\n"));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => file.Rows(skipFirst: false, atLeast: 2).Count()).Message,
            "Line 2 of");
    }

    [TestMethod]
    public void Bytes_that_are_no_UTF_8_are_named_wherever_they_stand()
    {
        using var folder = new TemporaryFolder();
        string path = folder.New("t.csv");
        File.WriteAllBytes(path, [.. "a,b\n1,2\n"u8, 0xE4, .. ",4\n"u8]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => new DelimitedFile(path).Rows(true).Count()).Message,
            $"Line 3 of '{path}'");
    }

    private static string Write(TemporaryFolder folder, string name, string content)
    {
        string path = folder.New(name);
        File.WriteAllText(path, content);
        return path;
    }
}
