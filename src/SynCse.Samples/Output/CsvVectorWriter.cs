using System.Globalization;
using System.Text;

namespace SynCse.Samples;

/// <summary>One line a vector, comma-separated, no header; every number reads back as the same float32.</summary>
internal sealed class CsvVectorWriter(Stream stream) : IVectorWriter
{
    private readonly StreamWriter _writer = new(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };

    public void Write(float[] vector)
        => _writer.WriteLine(string.Join(',', vector.Select(v => v.ToString("R", CultureInfo.InvariantCulture))));

    public void Finish() => _writer.Flush();
}
