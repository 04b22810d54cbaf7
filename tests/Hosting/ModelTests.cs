using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

namespace KvAspire.Hosting.Tests;

/// <summary>The AppHost's application model, which these tests do not start.</summary>
public sealed class ModelTests
{
    private static readonly string[] Services = ["gateway", "identity", "data"], Databases = ["identitydb", "datadb"], Servers = ["postgres", "cache"], OfADoor = ["Door__SharedPort", "Kestrel__Endpoints__door__Url", "Tokens__Issuer"];

    // Also "rebuild", which Aspire adds to projects, and commands of parameters.
    private static readonly string[] OfAspire = ["start", "stop", "restart", "rebuild", "set-parameter", "delete-parameter"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_containers_Postgres_and_Redis_are_Aspires_own_with_a_data_volume()
    {
        await using var builder = await BuilderAsync("--Servers=Containers");

        var postgres = Assert.IsType<PostgresServerResource>(Resource(builder, "postgres"));
        var cache = Assert.IsType<RedisResource>(Resource(builder, "cache"));
        Assert.Equal(["docker.io/library/postgres:18.3", "docker.io/library/redis:8.6"], [Image(postgres), Image(cache)]);
        Assert.Equal(["datadb", "identitydb"], postgres.Databases.Keys.Order());
        var volume = Assert.Single(postgres.Annotations.OfType<ContainerMountAnnotation>());
        Assert.Equal((ContainerMountType.Volume, "/var/lib/postgresql"), (volume.Type, volume.Target));
        Assert.Matches("^kvaspire.apphost-[0-9a-f]{10}-postgres-data$", volume.Source);
        Assert.Empty(cache.Annotations.OfType<ContainerMountAnnotation>());
    }

    [Fact]
    public async Task Without_containers_the_servers_are_programs_with_the_same_names_and_need_no_engine()
    {
        await using var builder = await BuilderAsync("--Servers=Programs");

        Assert.All(Servers, name => Assert.IsAssignableFrom<ExecutableResource>(Resource(builder, name)));
        Assert.All(builder.Resources, resource => Assert.Empty(resource.Annotations.OfType<ContainerImageAnnotation>()));
        Assert.All(Databases, name => Assert.Equal("postgres", Assert.IsAssignableFrom<IResourceWithParent>(Resource(builder, name)).Parent.Name));
    }

    [Theory]
    [InlineData("--Servers=Containers")]
    [InlineData("--Servers=Programs")]
    public async Task No_endpoint_has_a_proxy_of_the_orchestrator(string servers)
    {
        await using var builder = await BuilderAsync(servers, "--Replicas:Data=3");

        var endpoints = builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()).ToList();
        Assert.Equal(11, endpoints.Count); // of a gateway one, of identity and of each data replica two, of each server one
        Assert.All(endpoints, endpoint => Assert.False(endpoint.IsProxied, endpoint.Name));
    }

    [Theory]
    [InlineData("--Servers=Containers")]
    [InlineData("--Servers=Programs")]
    public async Task Services_and_migrations_connect_as_roles_and_do_not_get_the_superusers_password(string servers)
    {
        await using var builder = await BuilderAsync(servers);

        foreach (var (resource, database, role) in new[]
        {
            ("identity", "identitydb", "service"), ("identity-migrations", "identitydb", "migrator"),
            ("data", "datadb", "service"), ("data-migrations", "datadb", "migrator"),
        })
        {
            var values = (await EnvironmentAsync(builder, resource)).ToDictionary(
                variable => variable.Key, variable => (variable.Value as IManifestExpressionProvider)?.ValueExpression ?? "");
            Assert.EndsWith(
                $";Username={database}_{role};Password={{{database}-{role}-password.value}};Database={database}", values[$"ConnectionStrings__{database}"], StringComparison.Ordinal);
            Assert.DoesNotContain(values.Values, value => value.Contains("postgres-password", StringComparison.Ordinal) || value.Contains("db.connectionString", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_persistence_the_volume_lasts_as_long_as_the_run()
    {
        await using var builder = await BuilderAsync("--Servers=Containers", "--Persist=false");

        Assert.Matches("^kvaspire-run-[0-9]+-[0-9a-f]{32}$", Assert.Single(Resource(builder, "postgres").Annotations.OfType<ContainerMountAnnotation>()).Source);
    }

    [Fact]
    public async Task Every_replica_is_a_resource_and_consumers_know_all_its_addresses()
    {
        await using var builder = await BuilderAsync("--Servers=Programs", "--Replicas:Data=3", "--Replicas:Identity=2", "--Replicas:Gateway=2");

        string[] replicas = ["data", "data-2", "data-3", "gateway", "gateway-2", "identity", "identity-2"];
        Assert.Equal(replicas, builder.Resources.OfType<ProjectResource>().Select(project => project.Name).Where(name => !name.EndsWith("-migrations", StringComparison.Ordinal)).Order());
        Assert.All(builder.Resources.OfType<ProjectResource>(), project => Assert.Empty(project.Annotations.OfType<ReplicaAnnotation>()));
        foreach (var gateway in new[] { "gateway", "gateway-2" })
        {
            var names = await VariablesAsync(builder, gateway);
            Assert.Equal(
                ["services__data__h2c__0", "services__data__h2c__1", "services__data__h2c__2", "services__identity__h2c__0", "services__identity__h2c__1"],
                names.Where(name => name.Contains("__h2c__", StringComparison.Ordinal)).Order());
        }
    }

    [Fact]
    public async Task Only_with_metrics_every_replica_has_an_endpoint_for_them_that_no_consumer_knows()
    {
        await using var builder = await BuilderAsync("--Servers=Programs", "--Replicas:Data=2", "--Metrics=true");
        await using var without = await BuilderAsync("--Servers=Programs");

        foreach (var name in new[] { "gateway", "identity", "data", "data-2" })
        {
            var endpoint = Assert.Single(Resource(builder, name).Annotations.OfType<EndpointAnnotation>(), endpoint => endpoint.Name == "metrics");
            Assert.False(endpoint.IsProxied);
            var variables = await VariablesAsync(builder, name);
            Assert.Contains("Metrics__Port", variables);
            Assert.DoesNotContain("ASPNETCORE_URLS", variables);
            Assert.DoesNotContain(variables, variable => variable.Contains("__metrics__", StringComparison.Ordinal));
        }

        Assert.DoesNotContain("Metrics__Port", await VariablesAsync(without, "gateway"));
    }

    [Fact]
    public async Task Several_gateways_share_one_port_whose_URL_is_the_issuer()
    {
        await using var builder = await BuilderAsync("--Servers=Programs", "--Replicas:Gateway=2");

        foreach (var gateway in new[] { "gateway", "gateway-2" })
            Assert.Empty(OfADoor.Except(await VariablesAsync(builder, gateway)));
        Assert.DoesNotContain("Door__SharedPort", await VariablesAsync(builder, "data"));
    }

    [Fact]
    public async Task Every_replica_has_the_secret_of_the_services_and_trusts_the_gateways_of_this_machine()
    {
        await using var builder = await BuilderAsync("--Servers=Programs", "--Replicas:Data=2");

        foreach (var name in new[] { "gateway", "identity", "data", "data-2" })
        {
            var variables = await VariablesAsync(builder, name);
            Assert.Contains("ServiceCalls__Secret", variables);
            Assert.Equal(name is not "gateway", variables.Contains("TrustedNetworks__0"));
        }
    }

    [Fact]
    public async Task A_published_manifest_leaves_the_networks_of_the_gateways_to_the_operator()
    {
        await using var builder = await BuilderAsync("--operation=publish");

        Assert.True(builder.ExecutionContext.IsPublishMode);
        foreach (var name in new[] { "identity", "data" })
        {
            var variables = await VariablesAsync(builder, name);
            Assert.Contains("ServiceCalls__Secret", variables);
            Assert.DoesNotContain(variables, variable => variable.StartsWith("TrustedNetworks", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_former_key_encryption_key_is_only_for_decryption_and_for_the_command_that_replaces_it()
    {
        await using var builder = await BuilderAsync("--Servers=Programs", "--Parameters:former-key-encryption-key=the-secret-of-before-0123456789-0123456789-0123");

        Assert.Contains("SigningKeys__DecryptionKeys__0", await VariablesAsync(builder, "identity"));
        Assert.Contains("SigningKeys__DecryptionKeys__0", await VariablesAsync(builder, "identity-reencryption"));
        await using var usual = await BuilderAsync("--Servers=Programs");
        Assert.DoesNotContain("SigningKeys__DecryptionKeys__0", await VariablesAsync(usual, "identity"));
        Assert.DoesNotContain(usual.Resources, resource => resource.Name == "identity-reencryption");
    }

    [Fact]
    public async Task Services_run_from_their_build_output()
    {
        await using var builder = await BuilderAsync("--Servers=Programs");

        Assert.All(Services, name => Assert.True(File.Exists(Assert.Single(Resource(builder, name).Annotations.OfType<ExecutableAnnotation>()).Command)));
    }

    [Fact]
    public async Task In_Development_resources_have_the_commands_of_the_failure_lab_with_names_icons_and_questions()
    {
        await using var builder = await BuilderAsync("--Servers=Programs", "--Replicas:Data=2");

        Assert.Equal(
            [
                "cache flush", "cache pause", "cache resume", "cache slow", "data compact-history", "data kill", "data-2 compact-history", "data-2 kill",
                "gateway kill", "gateway make-load", "gateway seed-demo-data", "identity kill", "identity rotate-signing-keys", "postgres pause", "postgres resume",
            ],
            LabCommands(builder).Select(command => $"{command.Resource} {command.Command.Name}").Order(StringComparer.Ordinal));
        Assert.All(LabCommands(builder), command => Assert.False(string.IsNullOrEmpty(command.Command.DisplayDescription) || string.IsNullOrEmpty(command.Command.IconName)));
        Assert.Equal(
            ["compact-history", "flush", "kill", "pause"],
            LabCommands(builder).Where(command => command.Command.ConfirmationMessage is not null).Select(command => command.Command.Name).Distinct().Order());
    }

    [Theory]
    [InlineData("--environment=Production")]
    [InlineData("--operation=publish")]
    public async Task Outside_Development_there_is_no_failure_lab(string setting)
    {
        await using var builder = await BuilderAsync("--Servers=Programs", setting);

        Assert.Empty(LabCommands(builder));
        Assert.DoesNotContain(builder.Resources, resource => resource.Name is "lab-password");
    }

    [Fact]
    public async Task Resources_have_icons_parameters_descriptions_and_migrations_a_parent()
    {
        await using var builder = await BuilderAsync("--Servers=Programs");

        Assert.All(builder.Resources.OfType<ParameterResource>(), parameter => Assert.False(string.IsNullOrEmpty(parameter.Description), parameter.Name));
        Assert.All(
            builder.Resources.Where(resource => resource is not ParameterResource && !resource.Name.EndsWith("-rebuilder", StringComparison.Ordinal)), // Aspire's own, hidden
            resource => Assert.True(resource.Annotations.OfType<ResourceIconAnnotation>().Any(), resource.Name));
        foreach (var service in new[] { "identity", "data" })
        {
            var relations = Resource(builder, $"{service}-migrations").Annotations.OfType<ResourceRelationshipAnnotation>();
            Assert.Contains(relations, relation => relation.Type == "Parent" && relation.Resource.Name == service);
        }
    }

    [Theory]
    [InlineData("--Servers=Elsewhere", "The setting Servers must be Auto, Containers or Programs; it is 'Elsewhere'.")]
    [InlineData("--Replicas:Data=0", "Replicas:data must be 1 to 32.")]
    public async Task An_invalid_setting_is_refused_with_a_message(string setting, string sentence)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => BuilderAsync(setting));

        Assert.Equal(sentence, refused.GetBaseException().Message);
    }

    private static Task<IDistributedApplicationTestingBuilder> BuilderAsync(params string[] settings) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.KvAspire_AppHost>(settings, Cancel);

    private static List<(string Resource, ResourceCommandAnnotation Command)> LabCommands(IDistributedApplicationTestingBuilder builder) =>
        [.. builder.Resources.SelectMany(resource => resource.Annotations.OfType<ResourceCommandAnnotation>()
            .Where(command => !OfAspire.Contains(command.Name))
            .Select(command => (resource.Name, command)))];

    private static IResource Resource(IDistributedApplicationTestingBuilder builder, string name) =>
        builder.Resources.Single(resource => resource.Name == name);

    private static string Image(IResource container)
    {
        var image = Assert.Single(container.Annotations.OfType<ContainerImageAnnotation>());
        return $"{image.Registry}/{image.Image}:{image.Tag}";
    }

    // Only the names: most values are addresses, which do not exist before the start.
    private static async Task<List<string>> VariablesAsync(IDistributedApplicationTestingBuilder builder, string name) =>
        [.. (await EnvironmentAsync(builder, name)).Keys];

    private static async Task<Dictionary<string, object>> EnvironmentAsync(IDistributedApplicationTestingBuilder builder, string name)
    {
        var context = new EnvironmentCallbackContext(builder.ExecutionContext, Resource(builder, name), cancellationToken: Cancel);
        foreach (var callback in Resource(builder, name).Annotations.OfType<EnvironmentCallbackAnnotation>())
            await callback.Callback(context);
        return context.EnvironmentVariables;
    }
}
