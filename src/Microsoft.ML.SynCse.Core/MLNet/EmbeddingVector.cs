using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>Hands a vector to ML.NET in the buffer that the reader brought along.</summary>
internal static class EmbeddingVector
{
    /// <summary>Copies; the buffer's memory is reused where it is large enough.</summary>
    public static void Copy(float[] vector, ref VBuffer<float> target)
    {
        var editor = VBufferEditor.Create(ref target, vector.Length);
        vector.CopyTo(editor.Values);
        target = editor.Commit();
    }
}
