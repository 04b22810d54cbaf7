using KvAspire.ServiceDefaults.Errors;

namespace KvAspire.Data.Operations;

/// <summary>Where an element stands in a request, such as <c>operations[3]</c>.</summary>
internal readonly record struct Place(string List, int Index)
{
    public override string ToString() => $"{List}[{Index}]";

    /// <summary>The error of an element that breaks a rule, or whose member does.</summary>
    /// <param name="rule">What is allowed: the end of a sentence about the element or member.</param>
    /// <param name="member">The member.</param>
    public ApiError Wrong(string rule, string? member = null)
    {
        var name = member is null ? ToString() : $"{this}.{member}";
        return ErrorCatalogue.InvalidRequest with
        {
            Message = $"Invalid request. {name} {rule}.",
            Errors = new Dictionary<string, string[]> { [name] = [$"This field {rule}."] },
        };
    }

    /// <summary>An error of the catalogue, with the member that it is about.</summary>
    public ApiError Wrong(ApiError error, string member) =>
        error with { Errors = new Dictionary<string, string[]> { [$"{this}.{member}"] = [error.Message] } };
}
