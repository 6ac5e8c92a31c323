using System.Buffers.Binary;
using System.Text;

namespace SynCse.Samples;

/// <summary>NumPy's .npy, format version 1.0: little-endian float32 of shape (rows, dimensions), in row order.</summary>
/// <remarks>The number of rows stands in the header and is known at the end, so the header has a fixed size and is written twice.</remarks>
internal sealed class NpyWriter : IVectorWriter
{
    private const int HeaderBytes = 128, Preamble = 10;                  // NumPy wants a multiple of 64
    private readonly Stream _stream;
    private readonly byte[] _row;
    private long _rows;

    public NpyWriter(Stream stream, int dimensions)
    {
        (_stream, _row) = (stream, new byte[dimensions * sizeof(float)]);
        WriteHeader();
    }

    public void Write(float[] vector)
    {
        for (int i = 0; i < vector.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(_row.AsSpan(i * sizeof(float)), vector[i]);
        _stream.Write(_row);
        _rows++;
    }

    public void Finish()
    {
        _stream.Position = 0;
        WriteHeader();
    }

    private void WriteHeader()
    {
        byte[] header = new byte[HeaderBytes];
        new byte[] { 0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0 }.CopyTo(header, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), HeaderBytes - Preamble);
        string words = FormattableString.Invariant(
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({_rows}, {_row.Length / sizeof(float)}), }}");
        Encoding.ASCII.GetBytes(words.PadRight(HeaderBytes - Preamble - 1) + '\n').CopyTo(header, Preamble);
        _stream.Write(header);
    }
}
