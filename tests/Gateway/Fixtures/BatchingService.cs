using System.Buffers;
using System.Text;
using KvAspire.GatewayProtocol;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>
/// Answers batches as a data service does, for keys that say how: <c>none</c> is not there, <c>elsewhere…</c> is left to the ordinary
/// request, which is answered <see cref="Alone"/>.
/// </summary>
internal static class BatchingService
{
    public const string Alone = "alone";

    public static async Task AnswerAsync(HttpContext context)
    {
        // As the data service does, it answers batches only of a gateway that proves itself.
        if (context.Request.Path.StartsWithSegments("/internal") && context.Request.Headers[TestIssuer.ServiceSecretHeader] != TestIssuer.ServiceSecret)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var answers = new ArrayBufferWriter<byte>();
        if (context.Request.Path == ReadRequests.Path)
            AnswerReads(((MemoryStream)context.Request.Body).ToArray(), answers);
        else if (context.Request.Path == WriteRequests.Path)
            AnswerWrites(((MemoryStream)context.Request.Body).ToArray(), answers);
        else
        {
            await context.Response.WriteAsync(Alone, context.RequestAborted);
            return;
        }

        context.Response.ContentType = context.Request.Path == ReadRequests.Path ? ReadAnswers.ContentType : WriteAnswers.ContentType;
        context.Response.ContentLength = answers.WrittenCount;
        await context.Response.Body.WriteAsync(answers.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Spoils the answer to a batch.</summary>
    public static Task FailAsync(HttpContext context, string how)
    {
        if (how is "not found")
            context.Response.StatusCode = StatusCodes.Status404NotFound; // a service of before
        else if (how is "failed")
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        else if (how is "cut")
            context.Abort();
        else
            (context.Response.ContentType, context.Response.ContentLength) = (context.Request.Path == ReadRequests.Path ? ReadAnswers.ContentType : WriteAnswers.ContentType, 0);
        return Task.CompletedTask;
    }

    private static void AnswerReads(ReadOnlySpan<byte> batch, ArrayBufferWriter<byte> answers)
    {
        var tokens = ReadTokens(ref batch, out var count);
        for (; count > 0; count--)
        {
            Assert.True(BatchFormat.TryReadNumber(ref batch, out var number) & BatchFormat.TryReadBytes(ref batch, out var text));
            var key = Encoding.ASCII.GetString(text);
            if (key is "none")
                answers.Write(ReadAnswerKind.None);
            else if (key.StartsWith("elsewhere", StringComparison.Ordinal))
                answers.Write(ReadAnswerKind.Declined);
            else
                answers.WriteEntry(7, Encoding.UTF8.GetBytes(key is "subject" ? SubjectOf(tokens[number]) : $"value of {key}"));
        }

        Assert.True(batch.IsEmpty);
    }

    // What is stored is told in the answer's body.
    private static void AnswerWrites(ReadOnlySpan<byte> batch, ArrayBufferWriter<byte> answers)
    {
        var tokens = ReadTokens(ref batch, out var count);
        for (; count > 0; count--)
        {
            Assert.True(BatchFormat.TryReadNumber(ref batch, out var number) & WriteRequests.TryRead(ref batch, out var upserts, out _, out var text, out var body));
            var key = Encoding.ASCII.GetString(text);
            if (key is "none")
                answers.WriteAnswer(404, 0, null, "KEY_NOT_FOUND"u8);
            else if (key.StartsWith("elsewhere", StringComparison.Ordinal))
                answers.WriteAnswer(0, 0, null, default);
            else
                answers.WriteAnswer(upserts ? 201 : 200, 7, upserts ? $"/api/data/{key}" : null, Encoding.UTF8.GetBytes($"{SubjectOf(tokens[number])} {key} {Encoding.UTF8.GetString(body)}"));
        }

        Assert.True(batch.IsEmpty);
    }

    private static List<string> ReadTokens(ref ReadOnlySpan<byte> batch, out int count)
    {
        var tokens = new List<string>();
        Assert.True(BatchFormat.TryReadNumber(ref batch, out count));
        while (tokens.Count < count && BatchFormat.TryReadBytes(ref batch, out var token))
            tokens.Add(Encoding.ASCII.GetString(token));
        Assert.True(BatchFormat.TryReadNumber(ref batch, out count));
        return tokens;
    }

    private static string SubjectOf(string token) => new JsonWebTokenHandler().ReadJsonWebToken(token).Subject;
}
