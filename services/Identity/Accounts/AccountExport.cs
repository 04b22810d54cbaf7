using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KvAspire.Identity.Database;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Accounts;

/// <summary>
/// All data on a user, of both services, as one JSON document. The response is written while the data is read: neither service
/// holds all of it in memory.
/// </summary>
internal sealed class AccountExport(User user, HttpResponseMessage stored) : IResult
{
    private const int Chunk = 64 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var answer = stored;
        var cancellationToken = httpContext.RequestAborted;
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.ContentDisposition = "attachment; filename=\"export.json\"";
        try
        {
            await WriteOwnAsync(httpContext, cancellationToken);
            await using var entries = await answer.Content.ReadAsStreamAsync(cancellationToken);
            await SpliceAsync(entries, response.Body, cancellationToken);
            await response.Body.WriteAsync("}"u8.ToArray(), cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            httpContext.Abort(); // a part must not look like the whole
        }
    }

    private async Task WriteOwnAsync(HttpContext http, CancellationToken cancellationToken)
    {
        var db = http.RequestServices.GetRequiredService<IdentityDb>();
        var pipe = http.Response.BodyWriter; // the serializer's flushes would write to a stream synchronously
        await using var json = new Utf8JsonWriter(pipe, Writing);
        json.WriteStartObject();
        json.WriteString("status", "success");
        json.WriteStartObject("data");
        json.WritePropertyName("account");
        JsonSerializer.Serialize(json, AccountProfile.Of(user), Json);

        await WriteAsync(json, pipe, "sessions", db.Sessions.Where(session => session.UserId == user.Id).Select(session => new
        {
            session.Id,
            session.ClientId,
            session.Scope,
            session.UserAgent,
            session.CreatedAt,
            session.AuthTime,
            session.LastUsedAt,
            session.ExpiresAt,
        }), cancellationToken);
        await WriteAsync(json, pipe, "api_keys", db.ApiKeys.Where(key => key.UserId == user.Id).Select(key => new
        {
            key.Id,
            key.Name,
            key.Prefix,
            key.Scope,
            key.KeyPrefix,
            key.CreatedAt,
            key.ExpiresAt,
            key.LastUsedAt,
        }), cancellationToken);
        await WriteAsync(json, pipe, "failed_sign_ins", db.FailedSignIns.Where(failed => failed.Account == user.Id).Select(failed => new
        {
            failed.Address,
            failed.Failures,
            failed.FailedAt,
        }), cancellationToken);
        await WriteAsync(json, pipe, "audit", db.AuditEvents.Where(e => e.Subject == user.Id || e.Actor == user.Id).OrderBy(e => e.Id), audited => new
        {
            audited.At,
            audited.LastAt,
            audited.Count,
            audited.Kind,
            audited.Outcome,
            audited.Actor,
            audited.Subject,
            ClientAddress = audited.ClientAddress?.ToString(),
            audited.TraceId,
            Details = audited.Details is null ? null : JsonNode.Parse(audited.Details),
        }, cancellationToken);
        await json.FlushAsync(cancellationToken);
        await pipe.FlushAsync(cancellationToken);
    }

    private static Task WriteAsync<T>(Utf8JsonWriter json, PipeWriter pipe, string name, IQueryable<T> rows, CancellationToken cancellationToken) =>
        WriteAsync(json, pipe, name, rows, row => row, cancellationToken);

    private static async Task WriteAsync<TRow, T>(
        Utf8JsonWriter json, PipeWriter pipe, string name, IQueryable<TRow> rows, Func<TRow, T> show, CancellationToken cancellationToken)
    {
        json.WriteStartArray(name);
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            JsonSerializer.Serialize(json, show(row), Json);
            if (pipe.UnflushedBytes > Chunk)
                await pipe.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
    }

    // Appends the members of the data service's object to ours. Its closing brace closes both.
    private static async Task SpliceAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var first = new byte[1];
        if (await from.ReadAsync(first, cancellationToken) != 1 || first[0] != (byte)'{')
            throw new HttpRequestException("The data service sent no object.");

        await to.WriteAsync(","u8.ToArray(), cancellationToken);
        await from.CopyToAsync(to, cancellationToken);
    }
}
