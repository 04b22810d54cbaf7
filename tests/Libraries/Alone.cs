namespace KvAspire.Libraries.Tests;

/// <summary>
/// Its classes run alone: services in one process share the listeners of spans, so that one which records everything would record
/// for the others too.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
