using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SynCse.Samples;
using CliCommand = System.CommandLine.Command;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Each number option of each command, found in the tree of commands, so that none can be forgotten.</summary>
[TestClass]
public sealed class NumberOptionTests
{
    // sv and ar have signs of their own, de-CH an apostrophe between thousands, fa and ar digits of their own in writing.
    public static IEnumerable<object[]> Cultures => new[] { "", "de-DE", "tr-TR", "fr-FR", "ar-SA", "sv-SE", "de-CH", "fa-IR", "hi-IN" }
        .Select(name => new object[] { name });

    private static readonly RootCommand _root = SampleProgram.CreateRoot();

    [TestMethod]
    [DynamicData(nameof(Cultures))]
    public void Every_number_means_the_same(string culture)
    {
        using var _ = new InCulture(culture);
        int options = 0;
        foreach (var (path, option) in NumberOptions())
        {
            options++;
            foreach (var (text, value) in Accepted(Kind(option)))
            {
                var result = Parse(path, option, text);
                Assert.AreEqual("", string.Join(' ', Errors(result)), $"{option.Name} {text}");
                Assert.AreEqual(value, result.GetValueOrDefault<object>(), $"{option.Name} {text}");
            }
        }
        Assert.IsGreaterThan(30, options);
    }

    [TestMethod]
    [DynamicData(nameof(Cultures))]
    public void What_another_culture_would_write_is_refused_with_the_option_and_what_to_write(string culture)
    {
        using var _ = new InCulture(culture);
        foreach (var (path, option) in NumberOptions())
        {
            foreach (string text in Refused(Kind(option)))
            {
                string[] errors = Errors(Parse(path, option, text));
                Assert.HasCount(1, errors, $"{option.Name} '{text}'");
                StringAssert.Contains(errors[0], $"'{option.Name}' must be a ");
                StringAssert.Contains(errors[0], $"it is '{text}'");
                StringAssert.Contains(errors[0], IsWhole(Kind(option)) ? "digits 0 to 9" : "a point before its decimals");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cultures))]
    public void Every_word_of_a_list_is_known_in_any_case(string culture)
    {
        using var _ = new InCulture(culture);
        int options = 0;
        foreach (var (path, option) in Options().Where(o => Kind(o.Option).IsEnum))
        {
            options++;
            foreach (string name in Enum.GetNames(Kind(option)))
            {
                foreach (string? text in new[] { name, name.ToLowerInvariant(), name.ToUpperInvariant() })
                {
                    var result = Parse(path, option, text);
                    Assert.IsEmpty(Errors(result), $"{option.Name} {text}");
                    Assert.AreEqual(Enum.Parse(Kind(option), name), result.GetValueOrDefault<object>(), $"{option.Name} {text}");
                }
            }
        }
        Assert.IsGreaterThan(3, options);
    }

    [TestMethod]
    public void An_option_of_a_kind_that_nobody_reads_without_the_culture_is_no_option()
    {
        Option[] unknown =
            [new Option<TimeSpan>("--x"), new Option<DateTime?>("--x"), new Option<Half>("--x"), new Option<List<double>>("--x")];
        foreach (var option in unknown)
        {
            var error = Assert.ThrowsExactly<NotSupportedException>(() => InvariantNumbers.ApplyTo(new CliCommand("any") { option }));
            StringAssert.Contains(error.Message, "'--x' of 'any'");
        }
        Assert.ThrowsExactly<NotSupportedException>(() => InvariantNumbers.ApplyTo(new CliCommand("any") { new Argument<double>("x") }));
    }

    [TestMethod]
    public void Several_numbers_of_one_option_are_read_one_by_one()
    {
        using var _ = new InCulture("de-DE");
        var several = new Option<double[]>("--several") { AllowMultipleArgumentsPerToken = true };
        var command = new RootCommand { several };
        InvariantNumbers.ApplyTo(command);
        CollectionAssert.AreEqual(new[] { 0.5, 1.25 }, command.Parse(["--several", "0.5", "1.25"]).GetValue(several));
        Assert.HasCount(1, command.Parse(["--several", "0.5", "1,25"]).Errors);
    }

    private static OptionResult Parse(string[] path, Option option, string text)
        => _root.Parse([.. path, option.Name, text]).CommandResult.Children
            .OfType<OptionResult>().Single(result => result.Option.Name == option.Name);

    // A value is converted when it is asked for, unless something else on the line is wrong: then it is not looked at.
    private static string[] Errors(OptionResult result)
    {
        try
        {
            result.GetValueOrDefault<object>();
        }
        catch (InvalidOperationException)
        {
        }
        return [.. result.Errors.Select(error => error.Message).Distinct()];
    }

    private static IEnumerable<(string Text, object Value)> Accepted(Type kind)
    {
        (string Text, decimal Value)[] whole = [("12", 12), ("-3", -3), ("+4", 4)];
        (string Text, decimal Value)[] decimals =
            [("0.0001", 0.0001m), ("0.15", 0.15m), ("-0.5", -0.5m), ("1000.5", 1000.5m), (".25", 0.25m), ("5e-4", 0.0005m), ("1E2", 100)];
        return (IsWhole(kind) ? whole : [.. whole, .. decimals])
            .Select(pair => (pair.Text, Convert.ChangeType(pair.Value, kind, CultureInfo.InvariantCulture)));
    }

    private static IEnumerable<string> Refused(Type kind)
    {
        string[] thousands = ["1,000", "0,5", "1.000,5", "1'000", "1\u2019000", "1 000", "1\u00A0000", "1\u202F000", "1_000"];
        string[] others = ["\u0661\u0662", "\u06F1", "\u22123", "(3)", "0x10", "twelve", "$1", "1%"];
        string[] own = IsWhole(kind) ? ["0.5", "1e3", "1.0", "99999999999999999999"]
            : ["\u0660\u066B\u0665", "0.5.5", "NaN", "Infinity", "-Infinity", "\u221E", "1e999"];
        return [.. thousands, .. others, .. own];
    }

    private static IEnumerable<(string[] Path, Option Option)> NumberOptions()
        => Options().Where(o => Kind(o.Option) == typeof(decimal) || (Kind(o.Option).IsPrimitive && Kind(o.Option) != typeof(bool)));

    private static IEnumerable<(string[] Path, Option Option)> Options() => Below(_root, []);

    private static IEnumerable<(string[] Path, Option Option)> Below(CliCommand command, string[] path)
    {
        var below = command.Subcommands.SelectMany(child => Below(child, [.. path, child.Name]));
        return [.. command.Options.Select(option => (path, option)), .. below];
    }

    private static bool IsWhole(Type kind) => kind == typeof(int) || kind == typeof(long);

    private static Type Kind(Option option) => Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
}
