using System.Reflection;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>The kinds of encoder that a saved model may need, and the assembly that brings each. This is the one place where they are
/// listed.</summary>
/// <remarks>
/// A model file names a kind, and not an assembly: what is loaded is never chosen by the file. The assembly of a kind has one
/// <see cref="TextEncoderLoaderAttribute"/>, which names the class that reads it.
/// </remarks>
internal static class EncoderKind
{
    /// <summary>Computed in TorchSharp: <c>SentenceEncoder</c>.</summary>
    public const string Torch = "torch";

    /// <summary>Computed in ONNX Runtime: <c>OnnxSentenceEncoder</c>.</summary>
    public const string Onnx = "onnx";

    private static readonly Dictionary<string, string> _known = new(StringComparer.Ordinal)
    {
        [Torch] = "Microsoft.ML.SynCse",
        [Onnx] = "Microsoft.ML.SynCse.Onnx",
    };

    /// <summary>The class that reads encoders of a kind.</summary>
    /// <param name="kind">The kind that the model names.</param>
    /// <param name="what">The start of the error, such as the columns of the step.</param>
    /// <param name="load">Loads an assembly by its name. Default: null, the runtime does; tests leave assemblies out.</param>
    /// <exception cref="FormatException">A later version wrote the model: this one does not know the kind.</exception>
    /// <exception cref="InvalidOperationException">The application does not reference the package that the kind needs; the message names
    /// it.</exception>
    public static ITextEncoderLoader LoaderOf(string kind, string what, Func<string, Assembly>? load = null)
    {
        if (!_known.TryGetValue(kind, out string? name))
        {
            throw new FormatException(
                $"{what} needs an encoder of the kind '{kind}', and this version of SynCse.Core knows {string.Join(", ", _known.Keys)}. "
                + "A later version saved the model: update the package SynCse.Core.");
        }
        try
        {
            var assembly = (load ?? Assembly.Load)(name);
            var loader = assembly.GetCustomAttribute<TextEncoderLoaderAttribute>()
                ?? throw new InvalidOperationException(
                    $"{what} needs the package {OwnPackage.Of(name)}, and the {name} that is there is of another version. Update "
                    + $"both packages to one version.");
            return (ITextEncoderLoader)Activator.CreateInstance(loader.Loader)!;
        }
        catch (Exception error) when (error is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            throw new InvalidOperationException(
                $"{what} needs the package {OwnPackage.Of(name)}, which computes its encoder: the assembly {name} is not there. Add "
                    + $"a reference to the package {OwnPackage.Of(name)}.", error);
        }
    }
}

/// <summary>Names the class that reads the encoders of this assembly out of a saved model.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TextEncoderLoaderAttribute(Type loader) : Attribute
{
    /// <summary>The class, an <see cref="ITextEncoderLoader"/> with a constructor without arguments.</summary>
    public Type Loader { get; } = loader;
}

/// <summary>Reads one kind of encoder out of a saved model.</summary>
internal interface ITextEncoderLoader
{
    /// <summary>Reads the encoder.</summary>
    /// <param name="environment">The context that loads the model: its device and its log.</param>
    /// <param name="files">The encoder's files.</param>
    /// <param name="settings">What <see cref="TextEncoder.SavedSettings"/> was when the model was saved.</param>
    /// <param name="what">The start of an error.</param>
    /// <returns>The encoder; it belongs to the caller.</returns>
    /// <exception cref="InvalidDataException">The files or the settings are damaged.</exception>
    TextEncoder Load(IHostEnvironment environment, IModelFileSource files, IReadOnlyDictionary<string, string> settings, string what);
}
