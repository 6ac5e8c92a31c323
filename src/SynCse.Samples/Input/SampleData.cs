namespace SynCse.Samples;

/// <summary>The files of Data/, which lie beside the program.</summary>
internal static class SampleData
{
    public static string Triplets => PathOf("support-triplets.csv");

    public static string Pairs => PathOf("support-pairs.csv");

    public static string Queries => PathOf("support-queries.txt");

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);
}
