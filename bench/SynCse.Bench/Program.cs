using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Microsoft.ML.SynCse.Bench;

// "peers FOLDER": training and encoding of a real model beside plain loops, from a folder with models and data.
if (args is ["peers", var shared])
{
    PeerProgram.Run(new(shared));
    return;
}

// "onnx FOLDER [COUNT]": encoding in torch and in ONNX Runtime beside a plain loop over ONNX Runtime, of all sentences or of some.
if (args is ["onnx", var folderOfOnnx, .. var count])
{
    OnnxProgram.Run(new(folderOfOnnx), count is [var some] ? int.Parse(some, CultureInfo.InvariantCulture) : int.MaxValue);
    return;
}

// "ablate FOLDER RESULTS START RECIPES SEEDS": trains by recipes, names and seeds set apart by commas.
if (args is ["ablate", var folder, var results, var start, var recipes, var seeds])
{
    AblationProgram.Run(
        new(folder), results, start, recipes.Split(','), [.. seeds.Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture))]);
    return;
}

// Every benchmark class has a baseline, the plain way to do the same: the column Ratio is the figure to quote, never a time of its own.
// In this process: the native library is then found as in an application.
var job = Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance).WithIterationCount(5);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, ManualConfig.Create(DefaultConfig.Instance).AddJob(job));
