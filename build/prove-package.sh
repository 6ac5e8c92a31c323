#!/usr/bin/env bash
# Packs the four packages and drives each alone, and all together, from new console projects outside the repository, in every way an application is
# built, published and confined. Linux x64; about 5 GB below the work folder, nothing is written into the package cache. The confined runs need root and are named when left out.
# For Windows x64 the application is published and its native libraries are looked at: all there, of that machine, and each one's imports
# beside it or Windows' own.
# They are not run: that needs a Windows.
#   build/prove-package.sh [work folder, default: a temporary one]
set -uo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-$(mktemp -d)}
id=SynCse
ids=(SynCse.Core SynCse.Synthesis SynCse SynCse.Onnx)
torch=$(sed -n 's:.*<TorchSharpVersion>\(.*\)</TorchSharpVersion>.*:\1:p' "$repository/Directory.Packages.props")
cache=$(dotnet nuget locals global-packages --list | sed 's/^[^/]*//; s:/$::')
stock=$cache/torchsharp/$torch/runtimes/linux-x64/native/libLibTorchSharp.so
failures=0
mkdir -p "$work" && cd "$work" || exit 1

report() { # ok|FAILED, name, rest
    printf '%-7s %s: %s\n' "$1" "$2" "$3"
    [[ $1 == ok ]] || failures=$((failures + 1))
}

expect() { # name, text that must come, command...
    local name=$1 text=$2 log
    shift 2
    log=$("$@" 2>&1)
    if [[ $log == *"$text"* ]]; then report ok "$name" "$(grep -F -m1 -- "$text" <<<"$log" | cut -c1-600)"; else report FAILED "$name" "$(head -c 1500 <<<"$log")"; fi
}

build() { # name, dotnet arguments...
    local name=$1 log
    shift
    if log=$(dotnet "$@" --nologo 2>&1); then grep -E 'warning' <<<"$log" | sort -u | cut -c1-300; return 0; else report FAILED "$name" "$(grep -E 'error' <<<"$log" | sort -u | head -5)"; return 1; fi
}

confined() { # command...: as nobody, without HOME, every file system but /proc, /sys read-only
    unshare -m bash -c '
        mount --make-rprivate /
        mount --bind /dev /dev
        while read -r _ point _; do case $point in /proc* | /sys*) ;; *) mount -o remount,bind,ro "$point" ;; esac; done </proc/self/mounts
        path=$PATH
        exec setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs env -i PATH="$path" "$@"' confined "$@"
}

before=$(sha256sum "$stock")
rm -rf "$work/feed"
for package in "${ids[@]}"; do
    rm -rf "$work/packages/${package,,}"
    build "pack $package" pack "$repository/src/Microsoft.ML.$package" -c Release -o "$work/feed" || exit 1
done
version=$(basename "$work/feed/$id".[0-9]*.snupkg .snupkg)
version=${version#"$id".}
for package in "${ids[@]}"; do echo "package $package $version: $(stat -c %s "$work/feed/$package.$version.nupkg") bytes"; done

# Packages already restored on this machine are read where they lie; ours goes into a folder of its own.
cat >nuget.config <<XML
<configuration>
  <config><add key="globalPackagesFolder" value="$work/packages" /></config>
  <fallbackPackageFolders><add key="restored before" value="$cache" /></fallbackPackageFolders>
  <packageSources><add key="proof" value="$work/feed" /></packageSources>
</configuration>
XML
mkdir -p app && cat >app/app.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <SatelliteResourceLanguages>en</SatelliteResourceLanguages>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="$id" Version="$version" />
    <PackageReference Include="TorchSharp-cpu" Version="$torch" Condition="'\$(WithoutBackend)' == ''" />
  </ItemGroup>
</Project>
XML
cat >app/Program.cs <<'CS'
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse;
using TorchSharp;

if (args.Contains("no-memfd")) Seccomp.ForbidMemoryFiles();
if (args.Contains("library-first")) Library("TorchRuntime").GetMethod("EnsureAvailable")!.Invoke(null, null);
var clock = Stopwatch.StartNew();
Console.WriteLine($"torch says {Torch.Sum()} after {clock.ElapsedMilliseconds} ms; {Library("TorchSharpMender").GetProperty("Report")!.GetValue(null) ?? "nothing was mended"}");
if (args.Contains("journal"))
{
    // SQLite's native library, prompts and rules come with the package too.
    await using var synthesizer = new TripletSynthesizer(new Echo());
    await foreach (var outcome in synthesizer.SynthesizeAsync(["The parcel came two days late."])) Console.WriteLine($"positive: {outcome.Example!.Positives[0]}");
    Console.WriteLine($"journal: {(await synthesizer.GetReportAsync()).Requests} requests");
}
static Type Library(string name) => typeof(SentenceEncoder).Assembly.GetType($"Microsoft.ML.SynCse.Native.{name}")!;

sealed class Echo : IChatClient
{
    private int _calls;
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, ++_calls == 1 ? "Two days late is when the parcel came." : "The parcel came two days early.")));
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public object? GetService(Type serviceType, object? serviceKey = null) => null;
    public void Dispose() { }
}

static class Torch { public static float Sum() => torch.ones(3).sum().item<float>(); }

static unsafe class Seccomp
{
    [DllImport("libc", SetLastError = true)] static extern int prctl(int option, nint a, nint b, nint c, nint d);
    public static void ForbidMemoryFiles()
    {   // load the system call's number; memfd_create (319): EPERM; else allow
        ulong[] filter = [0x20, 319UL << 32 | 0x0100_0015, 0x0005_0001UL << 32 | 0x06, 0x7fff_0000UL << 32 | 0x06];
        fixed (ulong* first = filter)
        {
            var program = stackalloc nint[2] { filter.Length, (nint)first };
            if (prctl(38, 1, 0, 0, 0) != 0 || prctl(22, 2, (nint)program, 0, 0) != 0) throw new InvalidOperationException($"prctl: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }
}
CS
sed -i 's:<ImplicitUsings>:<AllowUnsafeBlocks>true</AllowUnsafeBlocks><Nullable>enable</Nullable>&:' app/app.csproj

build build build app -c Release -o out/build && {
    expect 'package reference, torch touched first' 'torch says 3' dotnet out/build/app.dll
    expect 'synthesis from the package' 'journal: 2 requests' dotnet out/build/app.dll journal
    expect 'package reference, library touched first' 'torch says 3' dotnet out/build/app.dll library-first
    mkdir -p tmp
    expect 'memory files forbidden (seccomp)' "a mended copy was loaded from a file in $work/tmp/ that is gone again" env TMPDIR="$work/tmp" dotnet out/build/app.dll no-memfd
    if [[ -z $(find tmp -name 'syncse-*') ]]; then report ok 'nothing left behind' "$work/tmp"; else report FAILED 'nothing left behind' "$(ls tmp)"; fi
    if [[ $(id -u) == 0 ]]; then
        chmod -R a+rX "$work"
        expect 'read-only is read-only' 'nothing could be written' confined bash -c 'touch /tmp/x "$PWD/x" /dev/shm/x || echo nothing could be written'
        expect 'nobody, no HOME, everything read-only' 'a mended copy was loaded from memory' confined dotnet out/build/app.dll library-first
        expect 'the same, memory files forbidden' 'here it could not: ' confined dotnet out/build/app.dll library-first no-memfd
    else
        echo 'left out: runs as nobody with everything read-only (need root)'
    fi
    # As on RHEL 9 (libstdc++ of GCC 11): this machine's libstdc++ with the newer version's name spoilt; every symbol bound at once. (This machine's ICU needs the newer one.)
    mkdir -p old && sed 's/GLIBCXX_3\.4\.30/GLIBCXX_3.4.xx/g' "$(ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')" >old/libstdc++.so.6
    expect 'libstdc++ without GLIBCXX_3.4.30' 'GLIBCXX_3.4.30' env LD_LIBRARY_PATH="$work/old" LD_BIND_NOW=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 dotnet out/build/app.dll
    expect 'the same computes' 'torch says 3' env LD_LIBRARY_PATH="$work/old" LD_BIND_NOW=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 dotnet out/build/app.dll
}
rm -rf out
for way in '' '-r linux-x64 --self-contained false' '-r linux-x64 --self-contained true' '-r linux-x64 --self-contained false -p:PublishSingleFile=true' \
    '-r linux-x64 --self-contained false -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true'; do
    # shellcheck disable=SC2086 # words on purpose
    build "publish $way" publish app -c Release -o out/publish $way && expect "publish $way" 'torch says 3' env DOTNET_BUNDLE_EXTRACT_BASE_DIR="$work/extracted" out/publish/app && expect "synthesis, publish $way" 'journal: 2 requests' env DOTNET_BUNDLE_EXTRACT_BASE_DIR="$work/extracted" out/publish/app journal
    rm -rf out app/obj app/bin extracted
done
# Windows x64. Without the launcher (app.exe), whose pack is not on every source; natives do not depend on it.
machine() { # file: MZ, then at 0x3c where the PE header is, then its machine
    local header
    [[ $(head -c 2 "$1") == MZ ]] || { echo 'no PE file'; return; }
    header=$(od -An -tu4 -j 60 -N 4 "$1")
    od -An -tx2 -j $((header + 4)) -N 2 "$1" | tr -d ' '
}
windows='-r win-x64 --self-contained false -p:UseAppHost=false'
# shellcheck disable=SC2086 # words on purpose
build "publish $windows" publish app -c Release -o out/windows $windows && {
    for native in c10 torch torch_cpu torch_global_deps libiomp5md uv LibTorchSharp e_sqlite3; do
        file=out/windows/$native.dll
        if [[ ! -f $file ]]; then report FAILED "win-x64 $native.dll" 'is missing'
        elif [[ $(machine "$file") != 8664 ]]; then report FAILED "win-x64 $native.dll" "is of machine $(machine "$file"), not 8664 (x64)"
        else report ok "win-x64 $native.dll" "x64, $(stat -c %s "$file") bytes"; fi
    done
    foreign=$(find out/windows -name '*.so' -o -name '*.dylib')
    name='win-x64 has no native of another system'
    if [[ -z $foreign ]]; then report ok "$name" 'no .so, no .dylib'; else report FAILED "$name" "$foreign"; fi
    name='win-x64 has no onnxruntime.dll, which nothing here asks for'
    if [[ ! -e out/windows/onnxruntime.dll ]]; then report ok "$name" 'none'; else report FAILED "$name" 'it has one'; fi
    if command -v objdump >/dev/null; then
        declare -A beside=()
        for file in out/windows/*.dll; do beside[$(basename "${file,,}")]=1; done
        for native in c10 torch_cpu LibTorchSharp e_sqlite3; do
            lacking=''
            while read -r import; do
                case ${import,,} in
                    api-ms-win-* | kernel32.dll | advapi32.dll | ws2_32.dll | ole32.dll | dbghelp.dll) ;;                # Windows' own
                    msvcp140.dll | vcruntime140.dll | vcruntime140_1.dll) redistributable=1 ;;
                    *) [[ -n ${beside[${import,,}]:-} ]] || lacking+=" $import" ;;
                esac
            done < <(objdump -p "out/windows/$native.dll" | awk '/DLL Name/ { print $3 }')
            name="win-x64 $native.dll finds what it imports"
            if [[ -z $lacking ]]; then report ok "$name" 'beside it or in Windows'; else report FAILED "$name" "not there:$lacking"; fi
        done
        [[ -z ${redistributable:-} ]] || echo 'note: the target needs the Microsoft Visual C++ redistributable (msvcp140.dll,' \
            'vcruntime140.dll), which libtorch imports and no package brings'
    else
        echo 'left out: what the natives for win-x64 import (needs objdump)'
    fi
}
rm -rf out app/obj app/bin
build 'opt out' build app -c Release -o out/off -p:SynCseMendTorchSharp=false && expect 'SynCseMendTorchSharp=false' 'Leave the MSBuild property SynCseMendTorchSharp unset' dotnet out/off/app.dll library-first
[[ -d out/off/cpu ]] && report FAILED 'nothing copied' out/off/cpu
rm -rf out app/obj app/bin
build 'no backend' build app -c Release -o out/none -p:WithoutBackend=true && expect 'no backend referenced' 'No native libtorch lies beside the application' dotnet out/none/app.dll library-first
[[ -d out/none/cpu ]] && report FAILED 'nothing copied' out/none/cpu
rm -rf out
[[ $(sha256sum "$stock") == "$before" ]] && report ok 'package cache' 'libLibTorchSharp.so unchanged' || report FAILED 'package cache' 'libLibTorchSharp.so changed'

# The main job from the package: README's program as it is printed, then a model trained in one process and loaded in another, which names nothing of ours.
application() { # name: a console project with the two packages, its Program.cs from standard input
    mkdir -p "$1" && cat >"$1/Program.cs" && sed 's:<AllowUnsafeBlocks>true</AllowUnsafeBlocks>::' app/app.csproj >"$1/$1.csproj"
}
application readme < <(awk '/^```csharp/ && !done { on = 1; next } /^```/ { done = done || on; on = 0 } on' "$repository/README.md")
build "README's program" build readme -c Release -o out/readme && expect "README's program" 'My parcel has not come.' bash -c 'cd out/readme && dotnet readme.dll'
application model <<'CS'
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;

var mlContext = new MLContext(seed: 1);
var rows = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new Row
{
    Anchor = $"Order {i} is late by {i % 7} days.", Positive = $"I wait for order {i} since {i % 7} days.", Negative = $"Order {i} came in time.", Label = i % 7 > 2,
}));
Show(args[0] == "train" ? Trainer.Fit(mlContext, rows) : mlContext.Model.Load("model.zip", out _), rows);

static void Show(ITransformer model, IDataView rows)
{
    var vectors = model.Transform(rows).GetColumn<float[]>("Features").SelectMany(v => v).ToArray();
    Console.WriteLine($"vectors {Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(vectors.AsSpan())))} of {vectors.Length} numbers");
}

static class Trainer
{
    public static ITransformer Fit(MLContext mlContext, IDataView rows)
    {
        var pipeline = mlContext.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", "Negative", new() { Training = new() { BatchSize = 8, KeepStartIfWorse = false } })
            .Append(mlContext.BinaryClassification.Trainers.SdcaLogisticRegression());
        var model = pipeline.Fit(rows);
        mlContext.Model.Save(model, rows.Schema, "model.zip");
        using var encoder = Microsoft.ML.SynCse.SentenceEncoder.LoadDefault();
        var applied = mlContext.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(rows);
        mlContext.Model.Save(applied, rows.Schema, "applied.zip");
        encoder.Save("exported", new Microsoft.ML.SynCse.SaveOptions { Onnx = new() });
        Console.WriteLine(FormattableString.Invariant($"sum {encoder.Encode(["My parcel has not come."])[0].Sum():F4}"));
        return model;
    }
}

public sealed class Row
{
    public string Anchor { get; set; } = "";
    public string Positive { get; set; } = "";
    public string Negative { get; set; } = "";
    public bool Label { get; set; }
}
CS
build 'model' build model -c Release -o out/model && {
    trained=$(cd out/model && dotnet model.dll train)
    sum=$(grep '^sum' <<<"$trained") trained=$(grep '^vectors' <<<"$trained")
    expect 'loaded in another process: the same bytes' "${trained:-nothing was trained}" bash -c 'cd out/model && dotnet model.dll load'
}

# The packages alone. What an application restores with them, and that each does its work without what it does not bring.
alone() { # name, package, packages that must not come
    local name=$1 package=$2 list
    shift 2
    mkdir -p "$name" && cat >"$name/Program.cs"
    sed -e "s:Include=\"$id\":Include=\"$package\":" -e '/TorchSharp-cpu/d' -e 's:<AllowUnsafeBlocks>true</AllowUnsafeBlocks>::' app/app.csproj >"$name/$name.csproj"
    build "$package alone" build "$name" -c Release -o "out/$name" || return 1
    list=$(dotnet list "$name" package --include-transitive 2>&1)
    for other in "$@"; do
        if grep -qiE "> $other" <<<"$list"; then report FAILED "$package alone brings no $other" "$(grep -iE "> $other" <<<"$list")"
        else report ok "$package alone brings no $other" "of $(grep -c '>' <<<"$list") packages"; fi
    done
    if [[ -z $(find "out/$name" -iname '*torch*' -o -iname '*skia*') ]]; then report ok "$package alone: files" "$(du -sm "out/$name" | cut -f1) MB, no torch"
    else report FAILED "$package alone: files" "$(find "out/$name" -iname '*torch*' -o -iname '*skia*' | head -3)"; fi
}
alone core SynCse.Core TorchSharp SkiaSharp Microsoft.Data.Sqlite SQLitePCLRaw <<'CS'
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse;

var mlContext = new MLContext(seed: 1);
var pairs = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new Pair { Label = i, Left = [1, 0], Right = [i, 3 - i] }));
Console.WriteLine($"Spearman {mlContext.EvaluateSentenceSimilarity(pairs).Spearman:F2}");
try
{
    mlContext.Model.LoadWithDiagnostics(args[0], out _);
}
catch (InvalidOperationException error)
{
    Console.WriteLine(error.Message);
}

public sealed class Pair
{
    public float Label { get; set; }
    [VectorType(2)] public float[] Left { get; set; } = [];
    [VectorType(2)] public float[] Right { get; set; } = [];
}
CS
expect 'SynCse.Core alone: figures' 'Spearman 1.00' dotnet out/core/core.dll out/model/applied.zip
expect 'SynCse.Core alone: a model that needs SynCse' 'Add a reference to the package SynCse.' dotnet out/core/core.dll out/model/applied.zip
expect 'SynCse.Core alone: a tuned model' 'Add a reference to the package SynCse.' dotnet out/core/core.dll out/model/model.zip
alone onnx SynCse.Onnx TorchSharp SkiaSharp Microsoft.Data.Sqlite SQLitePCLRaw <<'CS'
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse;

string[] texts = ["My parcel has not come."];
using var encoder = OnnxSentenceEncoder.Load(args[0]);
Console.WriteLine(FormattableString.Invariant($"sum {encoder.Encode(texts)[0].Sum():F4}"));
var mlContext = new MLContext(seed: 1);
var rows = mlContext.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }));
mlContext.Model.Save(mlContext.Transforms.ApplySentenceEncoder("Features", "Text", encoder).Fit(rows), rows.Schema, "onnx.zip");
using var loaded = (TextEncoderTransformer)mlContext.Model.Load("onnx.zip", out _);
Console.WriteLine(FormattableString.Invariant($"from the zip {loaded.Transform(rows).GetColumn<float[]>("Features").Single().Sum():F4}"));

public sealed class Row
{
    public string Text { get; set; } = "";
}
CS
expect 'SynCse.Onnx alone: the vectors of torch' "${sum:-nothing was exported}" dotnet out/onnx/onnx.dll out/model/exported
expect 'SynCse.Onnx alone: its zip' "${sum/sum/from the zip}" dotnet out/onnx/onnx.dll out/model/exported
alone synthesis SynCse.Synthesis TorchSharp SkiaSharp < <(
    cat <<'CS'
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse;

await using var synthesizer = new TripletSynthesizer(new Echo());
await foreach (var outcome in synthesizer.SynthesizeAsync(["The parcel came two days late."])) Console.WriteLine($"positive: {outcome.Example!.Positives[0]}");
Console.WriteLine($"journal: {(await synthesizer.GetReportAsync()).Requests} requests");

CS
    sed -n '/^sealed class Echo/,/^}/p' app/Program.cs)
expect 'SynCse.Synthesis alone: synthesis' 'journal: 2 requests' dotnet out/synthesis/synthesis.dll
rm -rf out
echo "failures: $failures"
exit $((failures > 0))
