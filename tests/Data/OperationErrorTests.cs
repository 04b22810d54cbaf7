using System.Text.Json.Nodes;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What bulk requests and transactions say of an element that is wrong.</summary>
public sealed class OperationErrorTests(World world)
{
    private const string Names = "must be get, put, create or delete";
    private const string Revision = "must be a revision: a whole number from 1 on";
    private const string Object = "must be a JSON object whose names are text";

    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // The element, the key that its outcome has, the member and the rule.
    public static TheoryData<string, string?, string?, string> BrokenRules => new()
    {
        { """{"op":"no","key":"k","value":1}""", "k", "op", Names },
        { """{"op":"GET","key":"k"}""", "k", "op", Names },
        { """{"op":1,"key":"k"}""", "k", "op", Names },
        { """{"op":null,"key":"k"}""", "k", "op", Names },
        { """{"op":"\ud800","key":"k"}""", "k", "op", Names },
        { """{"key":"k","value":1}""", "k", "op", Names },
        { """{"op":"put","key":"k","value":1,"if_match":"7"}""", "k", "if_match", Revision },
        { """{"op":"put","key":"k","value":1,"if_match":0}""", "k", "if_match", Revision },
        { """{"op":"delete","key":"k","if_match":-1}""", "k", "if_match", Revision },
        { """{"op":"delete","key":"k","if_match":true}""", "k", "if_match", Revision },
        { """{"op":"delete","key":"k","if_match":1.5}""", "k", "if_match", Revision },
        { """{"\ud800":1,"op":"put","key":"k","value":1}""", null, null, Object },
        { "1", null, null, Object },
        { "[]", null, null, Object },
        { "null", null, null, Object },
    };

    public static TheoryData<string, string?, string, string> BrokenMembers => new()
    {
        { """{"op":"put","key":"","value":1}""", null, "key", "INVALID_KEY" },
        { """{"op":"delete","key":7}""", null, "key", "INVALID_KEY" },
        { """{"op":"get"}""", null, "key", "INVALID_KEY" },
        { "{}", null, "key", "INVALID_KEY" },
        { """{"op":"put","key":"k"}""", "k", "value", "INVALID_VALUE" },
        { """{"op":"put","key":"k","value":null}""", "k", "value", "INVALID_VALUE" },
        { """{"op":"put","key":"k","value":1,"metadata":1}""", "k", "metadata", "INVALID_METADATA" },
        { """{"op":"put","key":"k","value":1,"ttl_seconds":0}""", "k", "ttl_seconds", "INVALID_TTL" },
        { """{"op":"create","key":"k","value":1,"expires_at":"soon"}""", "k", "expires_at", "INVALID_TTL" },
    };

    public static TheoryData<string, string?, string> BrokenChecks => new()
    {
        { """{"key":"k"}""", null, "must have either revision or exists" },
        { """{"key":"k","revision":null}""", null, "must have either revision or exists" },
        { """{"key":"k","revision":1,"exists":true}""", null, "must have either revision or exists" },
        { """{"key":"k","revision":"1"}""", "revision", Revision },
        { """{"key":"k","revision":0}""", "revision", Revision },
        { """{"key":"k","exists":"yes"}""", "exists", "must be true or false" },
        { """{"\udc00":1,"key":"k","exists":true}""", null, Object },
        { "true", null, Object },
    };

    [Theory]
    [MemberData(nameof(BrokenRules))]
    public async Task A_broken_rule_is_named_with_its_place_and_what_is_allowed(string element, string? key, string? member, string rule)
    {
        var (place, outcome) = ("operations[1]" + (member is null ? "" : $".{member}"), await OutcomeAsync(element));
        Assert.Equal(
            (key is null ? "{" : $$"""{"key":"{{key}}",""")
            + $$$"""
            "status":400,"code":"INVALID_REQUEST","message":"Invalid request. {{{place}}} {{{rule}}}.","errors":{"{{{place}}}":["This field {{{rule}}}."]}}
            """, outcome.ToJsonString());

        await Envelope.AssertErrorAsync(await PostAsync("/api/txn", "operations", element), 400, "INVALID_REQUEST",
            $"Invalid request. {place} {rule}.", Cancelled, $$"""{"{{place}}":["This field {{rule}}."]}""");
    }

    [Theory]
    [MemberData(nameof(BrokenMembers))]
    public async Task A_member_with_an_error_of_its_own_is_named_with_its_place(string element, string? key, string member, string code)
    {
        var outcome = await OutcomeAsync(element);
        Assert.Equal((key, code), ((string?)outcome["key"], (string?)outcome["code"]));
        Assert.Equal($$"""{"operations[1].{{member}}":["{{outcome["message"]}}"]}""", outcome["errors"]!.ToJsonString());

        var refused = JsonNode.Parse(await (await PostAsync("/api/txn", "operations", element)).Content.ReadAsStringAsync(Cancelled))!;
        Assert.Equal((code, $"operations[1]: {outcome["message"]}"), ((string?)refused["code"], (string?)refused["message"]));
        Assert.Equal(outcome["errors"]!.ToJsonString(), refused["errors"]!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(BrokenChecks))]
    public async Task A_check_that_breaks_a_rule_is_named_with_its_place_and_what_is_allowed(string element, string? member, string rule)
    {
        var place = "checks[1]" + (member is null ? "" : $".{member}");
        await Envelope.AssertErrorAsync(await PostAsync("/api/txn", "checks", element), 400, "INVALID_REQUEST",
            $"Invalid request. {place} {rule}.", Cancelled, $$"""{"{{place}}":["This field {{rule}}."]}""");
    }

    // The element is the second one, after one that is right.
    private async Task<JsonObject> OutcomeAsync(string element)
    {
        var response = await PostAsync("/api/bulk", "operations", element);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True((int)response.StatusCode == 200, text);
        return JsonNode.Parse(text)!["data"]!["results"]![1]!.AsObject();
    }

    private Task<HttpResponseMessage> PostAsync(string target, string list, string element) => user.SendAsync(HttpMethod.Post, target, User.Json(
        $$"""{"{{list}}":[{{(list is "checks" ? """{"key":"right","exists":false}""" : """{"op":"put","key":"right","value":1}""")}},{{element}}]}"""));
}
