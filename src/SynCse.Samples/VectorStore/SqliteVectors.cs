using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.VectorData;

namespace SynCse.Samples;

/// <summary>Vectors in SQLite: little-endian float32 in a BLOB, and cosine as a function of SQL.</summary>
internal static class SqliteVectors
{
    /// <summary>Opens a database with cosine(vector, vector) in it.</summary>
    /// <exception cref="VectorStoreException">The file is not a database that can be read; names it.</exception>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            connection.CreateFunction("cosine", (byte[] left, byte[] right) => (double)TensorPrimitives.CosineSimilarity(Floats(left), Floats(right)), isDeterministic: true);
            // SQLite looks into the file at the first question, and its own message does not name it.
            using var command = new SqliteCommand("SELECT count(*) FROM sqlite_master", connection);
            command.ExecuteScalar();
            return connection;
        }
        catch (Exception error)
        {
            connection.Dispose();
            if (error is SqliteException) throw new VectorStoreException($"'{path}' cannot be opened as a SQLite database: {error.Message}", error);
            throw;
        }
    }

    public static byte[] Blob(ReadOnlyMemory<float> vector) => MemoryMarshal.AsBytes(vector.Span).ToArray();

    public static ReadOnlySpan<float> Floats(byte[] blob) => MemoryMarshal.Cast<byte, float>(blob);
}
