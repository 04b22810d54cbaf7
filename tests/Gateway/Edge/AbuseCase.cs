namespace KvAspire.Gateway.Tests.Edge;

/// <summary>What becomes of a request.</summary>
internal enum Fate
{
    /// <summary>The server itself refuses it, with a status and no body.</summary>
    RefusedByServer,

    /// <summary>The gateway refuses it, in the envelope. No service sees anything of it.</summary>
    RefusedByGateway,

    /// <summary>A service sees it, exactly once, and its answer comes back.</summary>
    Forwarded,

    /// <summary>It turns out to be broken on the way: a service sees it once, without its end, or not at all.</summary>
    Broken,

    /// <summary>The connection is closed without an answer in HTTP/1.1.</summary>
    Unanswered,
}

/// <summary>A request as nobody in good faith sends it, and what must become of it.</summary>
/// <param name="Name">What it tries.</param>
/// <param name="Request">
/// Its bytes, as Latin-1. <c>{key}</c> stands for a word of its own, <c>{host}</c> for the gateway, <c>{token}</c> for a valid token.
/// </param>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Arrives">Of a request that arrives: its target there.</param>
internal sealed record AbuseCase(string Name, string Request, Fate Fate, int Status, string Arrives = "/api/data/{key}")
{
    /// <summary>How many bytes of body arrive.</summary>
    public int Bytes { get; init; }

    /// <summary>Headers that must not arrive.</summary>
    public string[] Without { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
