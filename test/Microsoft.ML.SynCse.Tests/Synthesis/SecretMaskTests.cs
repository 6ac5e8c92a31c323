using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SecretMaskTests
{
    [TestMethod]
    [DataRow("Incorrect API key provided: sk-proj-abc123DEF456ghi789. See the docs.", "abc123")]
    [DataRow("Bad header Authorization: Bearer eyJhbGciOiJI.xyz", "eyJhbGci")]
    [DataRow("{\"api_key\": \"my-own-key\"}", "my-own-key")]
    [DataRow("api-key=0123456789abcdef0123456789abcdef refused", "0123456789abcdef")]
    [DataRow("The value 4f9c2b7d8e1a4f9c2b7d8e1a4f9c2b7d is unknown", "4f9c2b7d")]
    [DataRow("Basic dXNlcjpwYXNz is not allowed", "dXNlcjpwYXNz")]
    public void What_looks_like_a_key_is_masked(string message, string secret)
    {
        string clean = SecretMask.Clean(message);
        Assert.DoesNotContain(secret, clean);
        StringAssert.Contains(clean, "***");
    }

    [TestMethod]
    [DataRow("The model 'gpt-4o-mini-2024-07-18' does not exist or you do not have access to it.")]
    [DataRow("Qwen/Qwen2.5-72B-Instruct-Turbo is overloaded; try again in 20 s")]
    [DataRow("This model's maximum context length is 8192 tokens.")]
    [DataRow("HttpRequestException: Connection refused (127.0.0.1:8089)")]
    public void Words_and_names_of_models_stay(string message) => Assert.AreEqual(message, SecretMask.Clean(message));

    [TestMethod]
    public void Keys_in_the_environment_are_masked_whatever_they_look_like()
    {
        Environment.SetEnvironmentVariable("SYNCSE_TEST_API_KEY", "correct horse battery");
        try
        {
            Assert.AreEqual("you sent *** to us", SecretMask.Clean("you sent\n correct horse battery to us"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("SYNCSE_TEST_API_KEY", null);
        }
    }

    [TestMethod]
    public void A_message_of_any_length_is_short_afterwards_and_quick()
    {
        Assert.IsLessThan(600, SecretMask.Clean(new string('a', 5_000_000)).Length);
        Assert.IsLessThan(600, SecretMask.Clean(string.Concat(Enumerable.Repeat("key= ", 100_000))).Length);
    }
}
