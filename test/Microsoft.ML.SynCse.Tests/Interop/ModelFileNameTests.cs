using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ModelFileNameTests
{
    [TestMethod]
    [DataRow("model.safetensors")]
    [DataRow("1_Pooling/config.json")]
    [DataRow("model-00001-of-00002.safetensors")]
    [DataRow("console/CONFIG.json")]
    [DataRow("com10/lpt.txt")]
    [DataRow(".hidden")]
    [DataRow("größe 1.json")]
    public void Names_of_models_are_inside(string name) => Assert.IsTrue(ModelFileName.IsInside(name));

    // On some system each of these is another file, another folder or none.
    [TestMethod]
    [DataRow("")]
    [DataRow("..")]
    [DataRow("a/../b")]
    [DataRow("/etc/passwd")]
    [DataRow("C:/x")]
    [DataRow("a\\b")]
    [DataRow("a:stream")]
    [DataRow("CON")]
    [DataRow("nul.json")]
    [DataRow("1_Dense/AUX.tar.gz")]
    [DataRow("Com1")]
    [DataRow("lpt9.txt")]
    [DataRow("CON .txt")]
    [DataRow("CONIN$")]
    [DataRow("name.")]
    [DataRow("name ")]
    [DataRow("folder./x")]
    [DataRow("what?")]
    [DataRow("a*b")]
    [DataRow("a|b")]
    [DataRow("<a>")]
    [DataRow("\"a\"")]
    [DataRow("a\nb")]
    [DataRow("a\0b")]
    public void Names_that_are_not_the_same_everywhere_are_outside(string name) => Assert.IsFalse(ModelFileName.IsInside(name));
}
