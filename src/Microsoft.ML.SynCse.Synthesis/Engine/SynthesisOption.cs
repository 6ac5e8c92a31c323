using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>How an option goes into the fingerprint of options (<see cref="OptionsFingerprint"/>).</summary>
internal enum FingerprintPart
{
    /// <summary>Not at all: it changes no text, no verdict and no number of attempts.</summary>
    None,

    /// <summary>As one of the fields of the first line, in the order of the table.</summary>
    Field,

    /// <summary>In a form of its own, which <see cref="OptionsFingerprint"/> writes.</summary>
    Own,
}

/// <summary>What a saved model keeps of an option (<see cref="MLNet.SynthesisModelOptions"/>).</summary>
internal enum SavedPart
{
    /// <summary>Nothing: it belongs to the machine.</summary>
    None,

    /// <summary>The value.</summary>
    Value,

    /// <summary>The value; files that older versions wrote may lack it.</summary>
    OptionalValue,

    /// <summary>The names of its rules or checks, because they may be the user's code.</summary>
    Names,

    /// <summary>Whether it is set, because it is the user's code.</summary>
    IsSet,
}

/// <summary>All that the library knows about an option: its name, its range, whether it changes texts, and whether it is saved.</summary>
internal abstract class SynthesisOption<TOptions>(string name)
{
    /// <summary>The name of the property.</summary>
    public string Name { get; } = name;

    /// <summary>How it goes into the fingerprint.</summary>
    public FingerprintPart Fingerprint { get; init; }

    /// <summary>What a saved model keeps of it.</summary>
    public SavedPart Saved { get; init; }

    /// <summary>Its name in a saved model.</summary>
    public string SavedName { get; init; } = name;

    /// <summary>The value in some options.</summary>
    public abstract object? Of(TOptions options);

    /// <summary>Some options with another value.</summary>
    public abstract TOptions With(TOptions options, object? value);

    /// <summary>Some options with the value that stands for nothing: null, or the first of an enumeration.</summary>
    public abstract TOptions Without(TOptions options);

    /// <summary>How the value is written as JSON.</summary>
    public abstract JsonTypeInfo Json { get; }

    /// <summary>Throws if the value is out of the option's range.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    public abstract void Check(TOptions options);
}

/// <summary>An option with a value of one type.</summary>
/// <param name="name">The name of the property.</param>
/// <param name="get">Reads it.</param>
/// <param name="with">Gives options with another value.</param>
internal sealed class SynthesisOption<TOptions, T>(string name, Func<TOptions, T> get, Func<TOptions, T, TOptions> with)
    : SynthesisOption<TOptions>(name)
{
    /// <summary>Whether a value is in the range. Default: every value is.</summary>
    public Func<T, bool>? Holds { get; init; }

    /// <summary>The range in words, after "must be".</summary>
    public string Range { get; init; } = "";

    /// <summary>Checks what one value alone does not show; throws an <see cref="ArgumentException"/>.</summary>
    public Action<TOptions>? Further { get; init; }

    /// <inheritdoc/>
    public override JsonTypeInfo Json => SynthesisOptionJson.Default.GetTypeInfo(typeof(T))
        ?? throw new InvalidOperationException($"{nameof(SynthesisOptionJson)} lacks {typeof(T)}.");

    /// <inheritdoc/>
    public override object? Of(TOptions options) => get(options);

    /// <inheritdoc/>
    public override TOptions With(TOptions options, object? value) => with(options, (T)value!);

    /// <inheritdoc/>
    public override TOptions Without(TOptions options) => with(options, default!);

    /// <inheritdoc/>
    public override void Check(TOptions options)
    {
        var value = get(options);
        if (Holds?.Invoke(value) == false)
            throw new ArgumentOutOfRangeException(Name, value, $"{typeof(TOptions).Name}.{Name} must be {Range}.");
        Further?.Invoke(options);
    }
}

/// <summary>The values of saved options.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(float?))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(TimeSpan))]
[JsonSerializable(typeof(PromptLibrary))]
[JsonSerializable(typeof(ReplyFormat))]
[JsonSerializable(typeof(InstructionPlacement))]
[JsonSerializable(typeof(SynthesisLimits))]
[JsonSerializable(typeof(TokenPrices))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class SynthesisOptionJson : JsonSerializerContext;
