namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line that a resource wrote, or that was written about it.</summary>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
