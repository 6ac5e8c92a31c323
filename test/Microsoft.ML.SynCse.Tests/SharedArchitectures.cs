namespace Microsoft.ML.SynCse.Tests;

/// <summary>Tests over every published folder: one whose architecture is not there yet is no failure of theirs, one that is there gets its row run.</summary>
internal static class SharedArchitectures
{
    /// <summary>Makes the test inconclusive where the folder's architecture is not supported.</summary>
    public static void Require(string folder)
    {
        var configuration = ModelConfiguration.Read(new FolderFileSource(folder));
        try
        {
            EncoderArchitectures.Require(configuration);
        }
        catch (InvalidDataException error)
        {
            Assert.Inconclusive(error.Message);
        }
    }
}
