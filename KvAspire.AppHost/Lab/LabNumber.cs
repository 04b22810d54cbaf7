using System.Globalization;

namespace KvAspire.AppHost.Lab;

/// <summary>A whole number that a command takes.</summary>
/// <param name="Name">The name: an option on the command line.</param>
/// <param name="Label">The label in the dashboard.</param>
/// <param name="Usual">The default.</param>
/// <param name="Least">The smallest number.</param>
/// <param name="Most">The largest number.</param>
internal sealed record LabNumber(string Name, string Label, int Usual, int Least, int Most)
{
    public InteractionInput Input => new()
    {
        Name = Name,
        Label = Label,
        Description = string.Create(CultureInfo.InvariantCulture, $"{Least} to {Most}."),
        InputType = InputType.Number,
        Value = Usual.ToString(CultureInfo.InvariantCulture),
    };

    /// <exception cref="ArgumentException">The number is none, or out of range.</exception>
    public int Read(ExecuteCommandContext context)
    {
        var text = context.Arguments.TryGetByName(Name, out var input) ? input.Value : null;
        if (string.IsNullOrWhiteSpace(text))
            return Usual;

        return int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= Least && number <= Most
            ? number
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{Name} must be a whole number from {Least} to {Most}."));
    }
}
