using Microsoft.ML.SynCse.Native;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class NativeLoadDiagnosticsTests
{
    private const string Path = "/app/libLibTorchSharp.so",
        TooOld = "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)";

    [TestMethod]
    public void A_libstdcxx_that_is_too_old_is_named_with_the_switch_that_is_off()
    {
        string message = NativeLoadDiagnostics.Describe(Path, TooOld, mending: false, report: null);
        StringAssert.Contains(message, $"{Path} needs GLIBCXX_3.4.32, which the libstdc++ of this machine is too old to have");
        StringAssert.Contains(message, "Leave the MSBuild property SynCseMendTorchSharp unset");
    }

    [TestMethod]
    public void A_libstdcxx_that_is_too_old_is_named_with_what_was_tried()
    {
        string message = NativeLoadDiagnostics.Describe(Path, TooOld, mending: true, report: "no memory file");
        StringAssert.Contains(message, "here it could not: no memory file.");
        Assert.IsFalse(message.Contains("SynCseMendTorchSharp", StringComparison.Ordinal), message);
    }

    [TestMethod]
    public void Any_other_trouble_is_told_in_the_loader_s_words()
    {
        Assert.AreEqual(
            "TorchSharp's native library does not load: /app/x.so: libfoo.so.1: cannot open.",
            NativeLoadDiagnostics.Describe("/app/x.so", "libfoo.so.1: cannot open", mending: true, report: null));
    }

    [TestMethod]
    public void The_loader_s_words_are_the_last_line()
    {
        Assert.AreEqual(
            "x.so: not found",
            NativeLoadDiagnostics.LoaderWords(new DllNotFoundException("Unable to load. Use LD_DEBUG: \nx.so: not found\n")));
    }
}
