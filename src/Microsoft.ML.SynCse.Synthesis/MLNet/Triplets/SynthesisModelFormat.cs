using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>A synthesis step inside an ML.NET model: a header in the main stream (<see cref="ModelHeaderFormat{T}"/>), nothing beside it.</summary>
internal static class SynthesisModelFormat
{
    // Part of every saved model, as those of EmbeddingModelFormat are: frozen.
    internal const string LoaderSignature = "SynCseTripletSynthesis";
    internal const string ModelSignature = "SYNCSETR";

    // 0x00010001 = 1.1. A version that older code can still read raises Written only; one that it cannot raises Readable too.
    internal const uint Written = 0x00010001;
    private const uint Readable = 0x00010001;
    private const uint OldestRead = 0x00010001;

    private static readonly ModelHeaderFormat<SynthesisModelHeader> Header = new("SynCse triplet synthesis",
        new(ModelSignature, Written, Readable, OldestRead, typeof(SynthesisModelFormat).Assembly.GetName().Name, LoaderSignature), SynthesisModelJson.Default.SynthesisModelHeader);

    /// <summary>Writes the header.</summary>
    public static void Save(ModelSaveContext context, SynthesisModelHeader header)
    {
        Header.Begin(context);
        Header.Write(context, header);
    }

    /// <summary>Reads what <see cref="Save"/> wrote: a step without a client.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged.</exception>
    public static TripletSynthesisTransformer Load(IHostEnvironment environment, ModelLoadContext context)
    {
        var header = Header.Read(context);
        try
        {
            header.Options.ToOptions().Validate();
        }
        catch (ArgumentException error)
        {
            throw Header.Damaged(context, error);
        }
        return new TripletSynthesisTransformer(environment, header, engine: null);
    }
}
