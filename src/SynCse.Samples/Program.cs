using SynCse.Samples;

return await SampleProgram.RunAsync(args);
