using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.SynCse.Training;

/// <summary>Tells one set of training rows from another without showing a sentence.</summary>
internal static class TrainingDataFingerprint
{
    /// <summary>The SHA-256 of the rows in order, as lower-case hexadecimal digits: of each row the numbers of its positives and of its hard negatives, its texts' UTF-8 bytes behind their length, as little-endian int32, then its weight.</summary>
    public static string Of(IReadOnlyList<TrainingExample> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(int)];
        foreach (var row in rows)
        {
            foreach (int count in new[] { row.Positives.Count, row.Negatives.Count })
            {
                BinaryPrimitives.WriteInt32LittleEndian(number, count);
                hash.AppendData(number);
            }
            foreach (var text in TrainingSet.Texts(row))
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                BinaryPrimitives.WriteInt32LittleEndian(number, bytes.Length);
                hash.AppendData(number);
                hash.AppendData(bytes);
            }
            BinaryPrimitives.WriteSingleLittleEndian(number, row.Weight);
            hash.AppendData(number);
        }
        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }
}
