namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="File">The file for messages.</param>
/// <param name="Name">Its name.</param>
/// <param name="Dtype">Its number format as the file writes it: F32, F16, BF16, I64 ...</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">One past its last byte.</param>
internal sealed record SafetensorsEntry(string File, string Name, string Dtype, long[] Shape, long Begin, long End)
{
    /// <summary>The name for a message.</summary>
    public string ShownName => ModelFileName.Shown(Name);

    /// <summary>The shape for a message.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
