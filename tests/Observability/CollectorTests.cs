using KvAspire.Observability.Tests.Kit;

namespace KvAspire.Observability.Tests;

/// <summary>The collector's configuration, by its structure.</summary>
public sealed class CollectorTests
{
    private static readonly Dictionary<string, object> Configuration =
        KitFiles.Read<Dictionary<string, object>>(Path.Combine(KitFiles.Folder, "collector", "config.yaml"));

    private static readonly Dictionary<object, object> Pipelines = In(In(Configuration["service"])["pipelines"]);

    [Fact]
    public void Every_component_of_a_pipeline_is_configured_and_used()
    {
        Assert.All(["receivers", "processors", "exporters"], kind => Assert.Equal(
            In(Configuration[kind]).Keys.Order(),
            Pipelines.Values.SelectMany(pipeline => (List<object>)In(pipeline)[kind]).Distinct().Order()));
    }

    [Fact]
    public void Every_signal_has_a_pipeline_that_begins_with_the_memory_limiter()
    {
        Assert.Equal(["logs", "metrics", "traces"], Pipelines.Keys.Order());
        Assert.All(Pipelines.Values, pipeline => Assert.Equal("memory_limiter", ((List<object>)In(pipeline)["processors"])[0]));
    }

    [Fact]
    public void Traces_are_sampled_by_failure_slowness_and_share()
    {
        var policies = (List<object>)In(In(Configuration["processors"])["tail_sampling"])["policies"];
        Assert.Equal(
            ["status_code", "numeric_attribute", "latency", "ottl_condition", "probabilistic"], policies.Select(policy => In(policy)["type"]));
        Assert.All(policies, policy => Assert.Contains(In(policy)["type"], In(policy).Keys)); // each policy has its settings
    }

    private static Dictionary<object, object> In(object node) => (Dictionary<object, object>)node;
}
