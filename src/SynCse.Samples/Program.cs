using System.Globalization;
using SynCse.Samples;

// Threads that are made without their maker's surroundings take this.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
FileSizeLimitSignal.Handle();
return await SampleProgram.RunAsync(args);
