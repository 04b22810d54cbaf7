using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>
/// What every project gets without being asked for: endpoints from its Kestrel configuration or, where that has none, from its
/// launch profile; the variables that make it listen there; the variables of the profile; telemetry.
/// </summary>
internal static class ProjectDefaults
{
    public static IResourceBuilder<ProjectResource> WithProjectDefaults(
        this IResourceBuilder<ProjectResource> builder, ProjectResourceOptions options)
    {
        builder.WithProjectTelemetry();
        var launch = LaunchProfiles.Effective(builder.Resource, options, builder.ApplicationBuilder.Configuration);

        var kestrel = KestrelConfiguration.Read(builder.Resource.GetProjectMetadata());
        if (!options.ExcludeKestrelEndpoints)
            builder.WithKestrelEndpoints(kestrel);
        if (builder.Resource.HasKestrelEndpoints)
            builder.WithEnvironment(context => OverrideKestrelUrls(builder.Resource, context));
        else
            builder.WithEnvironment(context => SetAspNetCoreUrls(builder.Resource, context));

        if (launch is not { } found)
            return builder;

        if (!builder.Resource.HasKestrelEndpoints)
            builder.WithLaunchUrls(found.Profile, kestrel);
        return builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", found.Name);
            foreach (var (name, value) in found.Profile.EnvironmentVariables)
                context.EnvironmentVariables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
        });
    }

    // Kestrel endpoints in configuration override every other way to say where to listen, so each endpoint goes there.
    private static void OverrideKestrelUrls(ProjectResource project, EnvironmentCallbackContext context)
    {
        foreach (var endpoint in Listening(project))
        {
            var host = endpoint.EndpointAnnotation.KestrelHost ?? "*";
            context.EnvironmentVariables[$"Kestrel__Endpoints__{endpoint.EndpointName}__Url"] =
                ReferenceExpression.Create($"{endpoint.Scheme}://{host}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }
    }

    private static void SetAspNetCoreUrls(ProjectResource project, EnvironmentCallbackContext context)
    {
        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in Listening(project))
        {
            if (!urls.IsEmpty)
                urls.AppendLiteral(";");
            urls.Append(
                $"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!urls.IsEmpty)
            context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", urls.Build());
    }

    // An endpoint whose port goes into a variable of its own is the program's business.
    private static IEnumerable<EndpointReference> Listening(ProjectResource project) => project.GetEndpoints()
        .Where(e => e.EndpointAnnotation.TargetPortEnvironmentVariable is null && e.Scheme is "http" or "https");
}
