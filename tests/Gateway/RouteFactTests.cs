using KvAspire.Gateway.Admission.Budgets;
using KvAspire.Gateway.Routes;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Builder;

namespace KvAspire.Gateway.Tests;

/// <summary>Each public route is one row with all facts about it.</summary>
public sealed class RouteFactTests
{
    private static readonly string[] Policies =
        [PublicRoute.Anonymous, Scopes.Read, Scopes.Write, Scopes.Account, Scopes.Admin, Scopes.SessionPolicy, Scopes.PasswordPolicy, Scopes.ReadOrWrite];

    private static readonly string[] Services = ["identity", "data"];

    public static TheoryData<string> Routes => [.. PublicRoutes.All.Select(route => route.Id)];

    [Theory]
    [MemberData(nameof(Routes))]
    public void A_route_states_every_fact(string id)
    {
        var route = Assert.Single(PublicRoutes.All, route => route.Id == id);

        Assert.StartsWith("/", route.Path, StringComparison.Ordinal);
        Assert.NotEmpty(route.Methods);
        Assert.Contains(route.Service, Services);
        Assert.Contains(route.Policy, Policies);
        Assert.True(Enum.IsDefined(route.Budget));
        Assert.Contains(route.Tag, Tags.All.Select(tag => tag.Name));
        Assert.Equal(route.Path.StartsWith("/connect/", StringComparison.Ordinal), route.HasOAuthErrors);
        Assert.True(route.TimeLimit > TimeSpan.Zero || id is "watch", "Only a stream has no time limit.");
    }

    [Fact]
    public void No_two_routes_have_a_path_and_a_method_in_common()
    {
        var all = PublicRoutes.All.SelectMany(route => route.Methods.Select(method => $"{method} {route.Path}")).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Fact]
    public async Task A_gateway_with_an_endpoint_without_a_budget_does_not_start()
    {
        await using var app = WebApplication.Create();
        app.MapGet("/counted", () => "").WithBudget(BudgetKind.Other);
        app.RequireBudgets();
        app.MapGet("/forgotten", () => "");

        var failure = Assert.Throws<InvalidOperationException>(app.RequireBudgets);

        Assert.Contains("/forgotten", failure.Message, StringComparison.Ordinal);
    }
}
