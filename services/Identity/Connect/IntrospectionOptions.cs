namespace KvAspire.Identity.Connect;

/// <summary>The options of introspection. Section <c>Introspection</c>.</summary>
internal sealed class IntrospectionOptions
{
    public const string Section = "Introspection";

    /// <summary>
    /// How many requests of one client a replica answers in a minute: enough for a resource server that introspects the token of
    /// each of its requests. 0 for any number.
    /// </summary>
    public int PerMinute { get; set; } = 60_000;
}
