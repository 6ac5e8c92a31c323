using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace SynCse.Samples;

/// <summary>Vectors in SQLite: little-endian float32 in a BLOB, and cosine as a function of SQL.</summary>
internal static class SqliteVectors
{
    /// <summary>Opens a database with cosine(vector, vector) in it.</summary>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            connection.CreateFunction("cosine", (byte[] left, byte[] right) => (double)TensorPrimitives.CosineSimilarity(Floats(left), Floats(right)), isDeterministic: true);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static byte[] Blob(ReadOnlyMemory<float> vector) => MemoryMarshal.AsBytes(vector.Span).ToArray();

    public static ReadOnlySpan<float> Floats(byte[] blob) => MemoryMarshal.Cast<byte, float>(blob);
}
