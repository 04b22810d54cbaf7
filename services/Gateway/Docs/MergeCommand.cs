using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KvAspire.Gateway.Routes;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// The command <c>openapi DOCUMENT PART…</c>: merges the parts that the services wrote into the checked-in document
/// (<c>./kv openapi</c>).
/// </summary>
internal static class MergeCommand
{
    public const string Argument = "openapi";

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] files)
    {
        try
        {
            var parts = files.Skip(1).Select(part => JsonNode.Parse(File.ReadAllText(part))!.AsObject());
            var document = new MergedDocument(PublicRoutes.All).Merge(parts);
            await File.WriteAllTextAsync(files[0], document.ToJsonString(Indented) + "\n");
            return 0;
        }
        catch (InvalidOperationException mismatch)
        {
            await Console.Error.WriteLineAsync(mismatch.Message);
            return 1;
        }
    }
}
