namespace KvAspire.AppHost.Lab;

/// <summary>A command of the failure lab, in the dashboard and on Aspire's command line.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Title">The name in the dashboard.</param>
/// <param name="Icon">The name of a Fluent UI icon.</param>
/// <param name="Description">What the command does, in one sentence.</param>
/// <param name="RunAsync">Does it. A second run finds the same state and says so; an exception is a failure with its message.</param>
internal sealed record LabCommand(string Name, string Title, string Icon, string Description, Func<ExecuteCommandContext, Task<LabResult>> RunAsync)
{
    /// <summary>The question that the dashboard asks first.</summary>
    public string? Confirmation { get; init; }

    public IReadOnlyList<InteractionInput> Arguments { get; init; } = [];
}

/// <summary>What a command did.</summary>
/// <param name="Done">One or two sentences, without a secret: the dashboard keeps them among its notifications.</param>
/// <param name="Watch">Where its effect shows: pages, metrics, spans, logs.</param>
internal sealed record LabResult(string Done, params IReadOnlyList<string> Watch)
{
    public string Markdown => Watch.Count is 0 ? Done : $"{Done}\n\nWatch:\n\n{string.Join('\n', Watch.Select(sight => $"- {sight}"))}\n";
}

internal static class LabCommandExtensions
{
    public static IResourceBuilder<T> WithLabCommand<T>(this IResourceBuilder<T> resource, LabCommand command)
        where T : IResource =>
        resource.WithCommand(
            command.Name, command.Title,
            async context =>
            {
                var result = await command.RunAsync(context);
                return CommandResults.Success(result.Done.Replace("`", "", StringComparison.Ordinal), result.Markdown, CommandResultFormat.Markdown, displayImmediately: true);
            },
            new()
            {
                Description = command.Description,
                IconName = command.Icon,
                ConfirmationMessage = command.Confirmation,
                Arguments = command.Arguments,
            });
}
