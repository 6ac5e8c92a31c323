using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>A lazy view that adds the columns a language model writes; nothing is asked before a value of theirs is read.</summary>
internal sealed class SynthesizedTextView(IHost host, IDataView source, DataViewSchema.Column text, TripletColumns columns, TripletSynthesisTransformer transformer)
    : LookAheadView(source, text, columns.Added())
{
    /// <inheritdoc/>
    protected override NotSupportedException OnnxError => OnnxRefusal.Synthesis();

    /// <inheritdoc/>
    /// <remarks>One cursor keeps the allowed number of requests under way by itself; several would make the groups that are asked for together depend on the machine's cores.</remarks>
    protected override bool Splits => false;

    /// <inheritdoc/>
    protected override LookAheadCursor Wrap(DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text)
        => new SynthesizedTextCursor(host, input, bindings, active, text, columns, transformer);
}
