namespace SynCse.Samples;

/// <summary>Writes vectors to a stream, one after the other.</summary>
internal interface IVectorWriter
{
    void Write(float[] vector);

    /// <summary>Writes what can only be known at the end.</summary>
    void Finish();
}
