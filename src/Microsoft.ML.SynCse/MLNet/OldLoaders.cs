using Microsoft.ML;
using Microsoft.ML.SynCse;

// Models that were saved while everything was one assembly name this one for their synthesis steps, and the name that the steps had.
[assembly: LoadableClass(
    typeof(TripletSynthesisTransformer), null, typeof(SignatureLoadModel), "SynCse triplet synthesis", "SynCseTriplets")]
