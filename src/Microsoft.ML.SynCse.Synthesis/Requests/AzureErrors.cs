namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>Reads the exceptions of Azure.Core and Azure.Identity by their names, so that the library needs neither package.</summary>
internal static class AzureErrors
{
    /// <summary>
    /// The answer that an <c>Azure.RequestFailedException</c> stands for; null for another exception, and where no answer came.
    /// </summary>
    public static HttpAnswer? Answer(Exception error)
    {
        if (!Is(error, "Azure.RequestFailedException") || Value(error, "Status") is not int status || status <= 0) return null;
        object? response = error.GetType().GetMethod("GetRawResponse", Type.EmptyTypes)?.Invoke(error, null);
        object? headers = response is null ? null : Value(response, "Headers");
        string? body = Body(response);
        // One that was made by hand has a code and words, but no answer.
        if (body is null) body = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string,
            string?>
        { ["code"] = Value(error, "ErrorCode") as string, ["message"] = error.Message });
        return new HttpAnswer(status, body, name => Header(headers, name));
    }

    /// <summary>Whether it is one of Azure.Core's over a connection that failed.</summary>
    public static bool IsWithoutAnswer(Exception error) => Is(error, "Azure.RequestFailedException") && Value(error, "Status") is 0;

    /// <summary>Whether no token could be got: <c>Azure.Identity.AuthenticationFailedException</c> and those derived from it.</summary>
    public static bool IsLogin(Exception error) => Is(error, "Azure.Identity.AuthenticationFailedException");

    private static bool Is(Exception error, string name)
    {
        for (var type = error.GetType(); type is not null; type = type.BaseType)
        {
            if (type.FullName == name) return true;
        }
        return false;
    }

    private static object? Value(object owner, string property) => owner.GetType().GetProperty(property)?.GetValue(owner);

    private static string? Body(object? response)
    {
        try
        {
            return response is null ? null : Value(response, "Content")?.ToString() is { Length: > 0 } text ? text : null;
        }
        catch (System.Reflection.TargetInvocationException)
        {
            return null;                                                        // a body that was not read to its end
        }
    }

    private static string? Header(object? headers, string name)
    {
        object?[] arguments = [name, null];
        var find = headers?.GetType().GetMethod("TryGetValue", [typeof(string), typeof(string).MakeByRefType()]);
        return find?.Invoke(headers, arguments) is true ? arguments[1] as string : null;
    }
}
