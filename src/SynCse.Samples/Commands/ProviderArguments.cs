using System.CommandLine;
using System.CommandLine.Parsing;

namespace SynCse.Samples;

/// <summary>Which language model, as command-line options. There is none for the key: <see cref="ProviderKey"/>.</summary>
internal sealed class ProviderArguments
{
    private readonly Option<ProviderKind> _provider =
        new("--provider") { Description = "Who runs the model", DefaultValueFactory = _ => ProviderKind.OpenAI };
    private readonly Option<Uri?> _endpoint = NewEndpoint();
    private readonly Option<string?> _model = new("--model") { Description = "The model's name (Azure: the deployment's)" };
    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "Seconds after which a request is given up and repeated",
        DefaultValueFactory = _ => 100,
    };

    /// <summary>The option for an address.</summary>
    public static Option<Uri?> NewEndpoint() => new("--endpoint")
    {
        Description = "The address, such as http://localhost:8000/v1; without it: the provider's own",
        CustomParser = Address,
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _provider, _endpoint, _model, _timeout }) command.Options.Add(option);
    }

    /// <summary>What is missing; null: nothing.</summary>
    public string? Missing(CommandResult result)
        => result.GetResult(_model) is null ? "'--model' is required: the name of the model to ask."
        : result.GetResult(_endpoint) is null && IsAzure(result.GetResult(_provider))
            ? "'--endpoint' is required with --provider azure: the address of your resource."
        : null;

    public ProviderChoice Read(ParseResult parsed)
    {
        double seconds = parsed.GetValue(_timeout);
        if (seconds is not (> 0 and < 86_400)) throw new ArgumentException("--timeout must be over 0 and less than a day's 86400 seconds.");
        return new(parsed.GetValue(_provider), parsed.GetValue(_endpoint), parsed.GetValue(_model)!, TimeSpan.FromSeconds(seconds));
    }

    private static bool IsAzure(OptionResult? provider)
        => provider?.Tokens is [{ Value: var name }] && name.Equals(nameof(ProviderKind.Azure), StringComparison.OrdinalIgnoreCase);

    private static Uri? Address(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
        result.AddError($"'--endpoint' must be an address that begins with http:// or https://; it is '{result.Tokens[0].Value}'.");
        return null;
    }
}
