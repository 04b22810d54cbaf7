using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvAspire.Verify.Histories;

/// <summary>Writes histories as files, one operation per line.</summary>
internal static class HistoryFile
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Writes a history in the order of the starts.</summary>
    public static Task WriteAsync(string path, IEnumerable<Operation> history, CancellationToken cancellationToken) =>
        File.WriteAllLinesAsync(
            path,
            history.OrderBy(operation => operation.Key, StringComparer.Ordinal).ThenBy(operation => operation.Start)
                .Select(operation => JsonSerializer.Serialize(operation, Options)),
            cancellationToken);
}
