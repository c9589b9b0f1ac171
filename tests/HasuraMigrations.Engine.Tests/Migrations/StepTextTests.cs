using System.Diagnostics;
using System.Text;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class StepTextTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public static TheoryData<byte[], string, bool> Readable => new()
    {
        { Encoding.UTF8.GetBytes("SELECT 'ü😀';\r\n"), "SELECT 'ü😀';\r\n", false },
        { [0xEF, 0xBB, 0xBF, .. "SELECT 1"u8], "SELECT 1", true },
        { [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("SELECT 'ü'")], "SELECT 'ü'", true },
        { [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("SELECT 'ü'")], "SELECT 'ü'", true },
        { [(byte)'a', 0, (byte)'b'], "a\0b", false },
        { [], "", false },
    };

    [Theory]
    [MemberData(nameof(Readable))]
    public void Given_text_it_is_read_unchanged_but_for_the_mark(byte[] bytes, string text, bool hasMark)
    {
        File.WriteAllBytes(_file, bytes);

        var read = StepText.Read(_file);

        Assert.Equal((text, hasMark), (read.Text, read.HasByteOrderMark));
        Assert.Equal(StepText.Of(text).Checksum, read.Checksum);
    }

    public static TheoryData<byte[], int, int> Invalid => new()
    {
        { [(byte)'a', (byte)'b', (byte)'\n', 0xFF], 3, 2 },
        { [(byte)'a', 0xC3], 1, 1 },
        { [0xEF, 0xBB, 0xBF, (byte)'a', 0x80], 4, 1 },
        { [0xE2, 0x82], 0, 1 },
        { [(byte)'\n', (byte)'\n', 0xC0, 0x80], 2, 3 },
        { [0xED, 0xA0, 0x80], 0, 1 },
        { [0xFF, 0xFE, (byte)'a', 0, (byte)'\n', 0, 0x00, 0xD8], 6, 2 },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Given_bytes_that_are_no_text_offset_and_line_are_told(byte[] bytes, int offset, int line)
    {
        File.WriteAllBytes(_file, bytes);

        var error = Assert.Throws<HasuraMigrationException>(() => StepText.Read(_file));

        Assert.Equal("FileEncodingInvalid", error.ErrorId);
        Assert.Contains($"offset {offset} ", error.Message, StringComparison.Ordinal);
        Assert.Equal((_file, line), (error.File, error.Line));
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused_at_once()
    {
        using (var sparse = File.OpenWrite(_file))
        {
            sparse.SetLength(1L << 31);
        }

        var watch = Stopwatch.StartNew();
        Assert.Equal("FileTooLarge", Assert.Throws<HasuraMigrationException>(() => StepText.Read(_file)).ErrorId);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 500);
    }

    [Fact]
    public void Given_a_file_that_is_gone_it_is_unreadable() =>
        Assert.Equal("FileUnreadable", Assert.Throws<HasuraMigrationException>(() => StepText.Read(_file + ".gone")).ErrorId);

    [Fact]
    public void Given_other_line_ends_the_checksum_is_the_same()
    {
        Assert.Equal(StepText.Of("a\nb\n").Checksum, StepText.Of("a\r\nb\r\n").Checksum);
        Assert.NotEqual(StepText.Of("a\nb\n").Checksum, StepText.Of("a\rb\r").Checksum);
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", StepText.Of("").Checksum);
    }

    public void Dispose() => File.Delete(_file);
}
