namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>The outcome of a request.</summary>
internal enum Fate
{
    /// <summary>Kestrel refuses the request, with a status and no body.</summary>
    RefusedByServer,

    /// <summary>The gateway refuses the request in the envelope. No service sees it.</summary>
    RefusedByGateway,

    /// <summary>A service sees the request exactly once, and the client gets its response.</summary>
    Forwarded,

    /// <summary>The body is broken: a service sees the request without its end, once or not at all.</summary>
    Broken,

    /// <summary>The gateway closes the connection without an HTTP/1.1 response.</summary>
    Unanswered,
}

/// <summary>A hostile or odd request, and its expected outcome.</summary>
/// <param name="Name">The attempt.</param>
/// <param name="Request">
/// The bytes as Latin-1. <c>{key}</c> is a unique key, <c>{host}</c> the gateway's authority, <c>{token}</c> a valid token.
/// </param>
/// <param name="Fate">The expected outcome.</param>
/// <param name="Status">The expected status.</param>
/// <param name="Arrives">The target that the service receives, if any.</param>
internal sealed record AbuseCase(string Name, string Request, Fate Fate, int Status, string Arrives = "/api/data/{key}")
{
    /// <summary>The number of body bytes that the service receives.</summary>
    public int Bytes { get; init; }

    /// <summary>Headers that the service must not receive.</summary>
    public string[] Without { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
