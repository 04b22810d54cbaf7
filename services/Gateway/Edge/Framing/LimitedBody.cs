namespace KvAspire.Gateway.Edge.Framing;

/// <summary>A request body that fails with 413 after <paramref name="max"/> bytes.</summary>
internal sealed class LimitedBody(Stream body, long max) : Stream
{
    private long count;

    /// <summary>Whether reading has begun: then the body cannot be sent again.</summary>
    public bool HasBeenRead { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        HasBeenRead = true;
        var read = await body.ReadAsync(buffer, cancellationToken);
        count += read;
        return count <= max
            ? read
            : throw new BadHttpRequestException("The request body is larger than allowed.", StatusCodes.Status413PayloadTooLarge);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
