using System.IO.Compression;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A folder as the encoder's part of a saved model.</summary>
internal static class EncoderZip
{
    /// <summary>Packs the folder into a new zip and returns its path.</summary>
    public static string Pack(TemporaryFolder temporary, string folder)
    {
        string path = temporary.New("model.zip");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)) zip.CreateEntryFromFile(
            file, "encoder/" + Path.GetRelativePath(folder, file));
        return path;
    }
}
