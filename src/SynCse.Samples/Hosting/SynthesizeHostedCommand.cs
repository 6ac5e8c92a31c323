using System.ClientModel;
using System.ClientModel.Primitives;
using System.CommandLine;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse;
using OpenAI;
using OpenAI.Chat;

namespace SynCse.Samples;

/// <summary>The same job inside an application: a host with dependency injection, IHttpClientFactory, a resilience handler,
/// logging.</summary>
internal static class SynthesizeHostedCommand
{
    private static readonly TimeSpan _requestTimeout = TimeSpan.FromSeconds(100);

    public static Command Create()
    {
        var input = new Option<string>("--input") { Description = "A text file, one sentence a line", Required = true };
        var output = new Option<string>("--output") { Description = "Ends in .csv or .jsonl", Required = true };
        var model = new Option<string>("--model") { Description = "The model's name", Required = true };
        var endpoint = ProviderArguments.NewEndpoint();
        var rate = new Option<int>("--requests-per-minute") { Description = "What the provider allows", DefaultValueFactory = _ => 500 };
        var encoding = InputEncoding.NewOption();
        var command = new Command(
            "synthesize-di", "Synthesize inside a host: AddChatClient over an HttpClient with a resilience handler, and ILogger")
        { input, output, model, endpoint, rate, encoding };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            int requestsPerMinute = parsed.GetValue(rate);
            if (requestsPerMinute is not (>= 1 and <= 100_000)) throw new ArgumentException(
                "--requests-per-minute must be from 1 to 100000.");
            var choice = new ProviderChoice(ProviderKind.OpenAI, parsed.GetValue(endpoint), parsed.GetValue(model)!, _requestTimeout);
            var host = Build(choice, ProviderKey.Read(choice), requestsPerMinute, parsed.GetValue(output)! + ".journal");
            // as the synthesizer is, which a host's Dispose would refuse
            await using var closing = (IAsyncDisposable)host;
            return await RunAsync(host.Services, (parsed.GetValue(input)!, parsed.GetValue(encoding)), parsed.GetValue(output)!,
                cancellationToken);
        });
        return command;
    }

    private static IHost Build(ProviderChoice choice, string key, int requestsPerMinute, string journal)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true)
            .AddFilter("System.Net.Http", LogLevel.Warning)                     // four lines a request otherwise
            .AddFilter("Polly", LogLevel.Warning);
        ModelHttpClient.Add(builder.Services, requestsPerMinute, choice.RequestTimeout);
        builder.Services.AddChatClient(
            services => new ChatClient(choice.Model, new ApiKeyCredential(key), ClientOptions(services, choice)).AsIChatClient());
        builder.Services.AddSingleton(
            services => new TripletSynthesizer(services.GetRequiredService<IChatClient>(), new TripletSynthesisOptions
            {
                JournalPath = journal,
                // Waiting for the rate limit is part of a request here, so this is the longer of the two.
                RequestTimeout = choice.RequestTimeout + TimeSpan.FromMinutes(2),
                Logger = services.GetRequiredService<ILogger<TripletSynthesizer>>(),
            }));
        // With the packages OpenTelemetry.Extensions.Hosting and an exporter, this is all that is missing (SynCseTelemetry.Name is
        // "Microsoft.ML.SynCse"):
        //   builder.Services.AddOpenTelemetry()
        //       .WithTracing(tracing => tracing.AddSource(SynCseTelemetry.Name).AddOtlpExporter())
        //       .WithMetrics(metrics => metrics.AddMeter(SynCseTelemetry.Name).AddOtlpExporter());
        return builder.Build();
    }

    private static OpenAIClientOptions ClientOptions(IServiceProvider services, ProviderChoice choice)
    {
        var options = new OpenAIClientOptions
        {
            Transport = new HttpClientPipelineTransport(
                services.GetRequiredService<IHttpClientFactory>().CreateClient(ModelHttpClient.Name)),
            RetryPolicy = new ClientRetryPolicy(0),                             // nor may the OpenAI client repeat anything
            NetworkTimeout = Timeout.InfiniteTimeSpan,                          // the handler's holds
        };
        if (choice.Endpoint is not null) options.Endpoint = choice.Endpoint;
        return options;
    }

    private static async Task<int> RunAsync(IServiceProvider services, (string Path, Encoding? Encoding) input, string output,
        CancellationToken cancellationToken)
    {
        OutputFile.EnsureWritable(output);
        var source = await SentenceSource.OpenAsync(input.Path, column: null, input.Encoding, cancellationToken);
        var synthesizer = services.GetRequiredService<TripletSynthesizer>();
        var logger = services.GetRequiredService<ILogger<Program>>();
        await foreach (var outcome in synthesizer.SynthesizeAsync(
            source.ReadAsync(cancellationToken), cancellationToken: cancellationToken))
        {
            if (outcome.RejectionReason is { } reason) logger.LogInformation("A sentence was rejected: {Reason}", reason);
        }
        SynthesisReportTable.Write(await synthesizer.GetReportAsync(cancellationToken));
        long rows = await SynthesisJournal.ExportAsync(output + ".journal", output, cancellationToken);
        logger.LogInformation("{Rows} triplets in {File}", rows, Path.GetFullPath(output));
        return 0;
    }
}
