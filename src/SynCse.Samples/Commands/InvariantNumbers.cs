using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace SynCse.Samples;

/// <summary>Numbers on the command line mean the same on every machine: a point before the decimals, nothing between thousands.</summary>
/// <remarks>
/// System.CommandLine reads numbers in the machine's culture: with a German one, <c>--learning-rate 0.0001</c> is 1. Applied to the whole
/// tree of commands, so that an option that is added later is read in this way too.
/// </remarks>
internal static class InvariantNumbers
{
    private static readonly Func<Option, bool>[] _kinds = [ReadAs<int>, ReadAs<long>, ReadAs<double>, ReadAs<float>, ReadAs<decimal>];

    /// <summary>Gives every number option of a command and of all below it a parser that knows no culture.</summary>
    /// <exception cref="NotSupportedException">An option holds what each culture writes in its way and nothing here reads.</exception>
    public static void ApplyTo(Command command)
    {
        foreach (var option in command.Options)
        {
            if (!_kinds.Any(readsAs => readsAs(option)) && DependsOnCulture(option.ValueType))
            {
                throw new NotSupportedException($"'{option.Name}' of '{command.Name}' holds {option.ValueType}, which would be read in the "
                    + $"machine's culture: add its kind to {nameof(InvariantNumbers)}.");
            }
        }
        foreach (var argument in command.Arguments.Where(argument => DependsOnCulture(argument.ValueType)))
        {
            throw new NotSupportedException($"The argument '{argument.Name}' of '{command.Name}' holds {argument.ValueType}: make it an "
                + "option, which is read without the machine's culture.");
        }
        foreach (var child in command.Subcommands) ApplyTo(child);
    }

    private static bool ReadAs<T>(Option option)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        switch (option)
        {
            case Option<T> one: one.CustomParser = result => Read<T>(result, result.Tokens.Single().Value) ?? default; break;
            case Option<T?> atMostOne: atMostOne.CustomParser = result => Read<T>(result, result.Tokens.Single().Value); break;
            case Option<T[]> many:
                many.CustomParser = result => [.. result.Tokens.Select(token => Read<T>(result, token.Value) ?? default)];
                break;
            default: return false;
        }
        return true;
    }

    private static T? Read<T>(ArgumentResult result, string text)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        // Neither Float nor Integer allows thousands: "1,000" must not be 1000 here and 1 elsewhere.
        var style = IsWhole<T>() ? NumberStyles.Integer : NumberStyles.Float;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out var value) && T.IsFinite(value)) return value;
        string name = result.Parent is OptionResult { IdentifierToken.Value: { } written } ? written : result.Argument.Name;
        result.AddError(IsWhole<T>()
            ? FormattableString.Invariant($"'{name}' must be a whole number from {T.MinValue} to {T.MaxValue}, ")
                + $"written with the digits 0 to 9 and nothing between them, such as 1000; it is '{text}'."
            : $"'{name}' must be a finite number with a point before its decimals and nothing between thousands, such as 1000.5, "
                + $"whatever the machine's language; it is '{text}'.");
        return null;
    }

    private static bool IsWhole<T>()
        where T : struct, INumber<T>
        => T.IsInteger(T.One / (T.One + T.One));

    private static bool DependsOnCulture(Type type)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type.GetGenericArguments().FirstOrDefault() ?? type;
        return value.IsValueType && !value.IsEnum && typeof(IFormattable).IsAssignableFrom(value);
    }
}
