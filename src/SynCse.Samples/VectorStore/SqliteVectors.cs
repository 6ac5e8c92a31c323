using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace SynCse.Samples;

/// <summary>Vectors in SQLite: little-endian float32 in a BLOB, and cosine as a function of SQL.</summary>
internal static class SqliteVectors
{
    /// <summary>Opens a database with cosine(vector, vector) in it.</summary>
    public static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            connection.CreateFunction<byte[], byte[], double>("cosine", Cosine, isDeterministic: true);
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

    // SQLite makes NULL of a NaN; a vector without a direction is like no other.
    private static double Cosine(byte[] left, byte[] right)
    {
        if (left.Length != right.Length)
        {
            throw new ArgumentException($"the query has {right.Length / sizeof(float)} numbers, "
                + $"the collection's vectors have {left.Length / sizeof(float)}");
        }
        float cosine = TensorPrimitives.CosineSimilarity(Floats(left), Floats(right));
        return float.IsNaN(cosine) ? 0 : cosine;
    }
}
