using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Passes an encoder's files on, and asks for the end in between: also within a file of gigabytes.</summary>
internal sealed class EndableSink(IModelFileSink sink, CancellationToken cancellationToken) : IModelFileSink
{
    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write) => sink.Write(name, stream => write(new EndableStream(stream, cancellationToken)));

    private sealed class EndableStream(Stream inner, CancellationToken cancellationToken) : Stream
    {
        private const int Piece = 1 << 20;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            for (int start = 0; start < buffer.Length; start += Piece)
            {
                cancellationToken.ThrowIfCancellationRequested();
                inner.Write(buffer.Slice(start, Math.Min(Piece, buffer.Length - start)));
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
