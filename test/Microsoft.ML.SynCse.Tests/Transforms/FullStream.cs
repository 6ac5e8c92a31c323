namespace Microsoft.ML.SynCse.Tests;

/// <summary>A disk with room for so many bytes.</summary>
internal sealed class FullStream(long room) : MemoryStream
{
    // The overload for spans comes by here too, because MemoryStream sees that it is derived from.
    public override void Write(byte[] buffer, int offset, int count)
    {
        if (Position + count > room) throw new IOException("no room left");
        base.Write(buffer, offset, count);
    }

    public override void WriteByte(byte value) => Write([value], 0, 1);
}
