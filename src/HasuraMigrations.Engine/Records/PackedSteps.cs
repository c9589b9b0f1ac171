using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>
/// The texts of a migration as the history keeps them: an object of texts by file name, in gzip. It is made while it is sent, and
/// made twice, since its length has to be known before; so it is never in memory as a whole.
/// </summary>
internal sealed class PackedSteps(SourceMigration source)
{
    private readonly Lazy<long> _length = new(() => Chunks(source).Sum(c => (long)c.Length));

    /// <summary>True where a text is so long that this is worth it.</summary>
    internal static bool IsWorth(SourceMigration source) => source.Steps.Any(s => s.Text.Content.IsLong);

    /// <summary>Everything at once.</summary>
    internal static byte[] Pack(SourceMigration source)
    {
        using var buffer = new MemoryStream();
        foreach (var chunk in Chunks(source))
        {
            buffer.Write(chunk);
        }

        return buffer.ToArray();
    }

    /// <summary>The texts by file name.</summary>
    internal static Dictionary<string, string> Unpack(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(gzip, RecordJson.Default.DictionaryStringString) ?? [];
    }

    /// <summary>A stream over it whose length is known.</summary>
    internal Stream OpenRead() => new ChunkStream(Chunks(source), _length.Value);

    /// <inheritdoc cref="Pack"/>
    internal byte[] ToArray() => Pack(source);

    private static IEnumerable<byte[]> Chunks(SourceMigration source)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var part in Json(source))
            {
                gzip.Write(Encoding.UTF8.GetBytes(part));
                if (buffer.Length > 0)
                {
                    yield return buffer.ToArray();
                    buffer.SetLength(0);
                }
            }
        }

        yield return buffer.ToArray();
    }

    private static IEnumerable<string> Json(SourceMigration source)
    {
        var separator = "{";
        foreach (var step in source.Steps.Where(s => s.Text.IsKept))
        {
            yield return $"{separator}\"{SourceStep.FileName(step.Kind)}\":\"";
            foreach (var part in step.Text.Content.Parts())
            {
                yield return JavaScriptEncoder.Default.Encode(part);
            }

            yield return "\"";
            separator = ",";
        }

        yield return separator == "{" ? "{}" : "}";
    }

    /// <summary>Reads chunks one after another.</summary>
    private sealed class ChunkStream(IEnumerable<byte[]> chunks, long length) : Stream
    {
        private readonly IEnumerator<byte[]> _chunks = chunks.GetEnumerator();
        private ReadOnlyMemory<byte> _chunk;
        private long _position;

        public override bool CanRead => true;

        // The driver asks a stream that can seek for its length, and copies another one into memory to find it.
        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            while (_chunk.IsEmpty && !buffer.IsEmpty)
            {
                if (!_chunks.MoveNext())
                {
                    return 0;
                }

                _chunk = _chunks.Current;
            }

            var count = Math.Min(buffer.Length, _chunk.Length);
            _chunk.Span[..count].CopyTo(buffer);
            _chunk = _chunk[count..];
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Read(buffer.Span));
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _chunks.Dispose();
            base.Dispose(disposing);
        }
    }
}
