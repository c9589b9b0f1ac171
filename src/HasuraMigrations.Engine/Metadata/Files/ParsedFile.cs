using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>One file by itself. It is read beside others, so nothing here depends on them.</summary>
internal sealed class ParsedFile
{
    private readonly ExceptionDispatchInfo? _error;
    private readonly JsonNode? _root;
    private readonly TreePlaces? _places;

    private ParsedFile(string path, MetadataPositions positions, bool includes, bool restsOnText)
    {
        (Path, Positions) = (path, positions);
        try
        {
            var file = TextFile.Read(path);
            (Text, ByteLength) = (file.Text, file.ByteLength);
            if (restsOnText && !IsJson && PlainYamlJson.Of(Text, positions.IsKeeping) is { } plain)
            {
                using (plain)
                {
                    _root = StoredJson.OnText(plain.Json);
                    _places = positions.IsKeeping ? plain.PlacesIn(path) : null;
                }

                return;
            }

            _root = Parse(includes);
        }
        catch (HasuraMigrationException e)
        {
            // That there is too much to read comes before what is wrong with it.
            _error = ExceptionDispatchInfo.Capture(e);
        }

        if (restsOnText && Includes.Count == 0 && _root is JsonObject whole)
        {
            _root = StoredJson.Compact(whole);
            _places = positions.IsKeeping ? TreePlaces.Of(whole, positions) : null;
            Positions = MetadataPositions.Forgetful();
        }
    }

    /// <summary>Full path.</summary>
    internal string Path { get; }

    /// <summary>The text.</summary>
    internal string Text { get; } = "";

    /// <summary>Size of the file.</summary>
    internal long ByteLength { get; }

    /// <summary>Where its nodes stand, unless it rests on text.</summary>
    internal MetadataPositions Positions { get; }

    /// <summary>The places that name other files.</summary>
    internal List<YamlInclude> Includes { get; } = [];

    /// <summary>Where more documents begin, which are not read.</summary>
    internal List<SourcePosition> Ignored { get; } = [];

    /// <summary>Reads and parses a file; an error is told by <see cref="Take"/>.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="positions">Gets the places of its nodes.</param>
    /// <param name="includes">True where it may name other files.</param>
    /// <param name="restsOnText">True for a map that is to rest on text, where it names no other files.</param>
    internal static ParsedFile Read(string path, MetadataPositions positions, bool includes, bool restsOnText) => new(path, positions, includes, restsOnText);

    /// <summary>The content.</summary>
    /// <param name="positions">Gets the places of its nodes.</param>
    /// <exception cref="HasuraMigrationException">MetadataFileInvalid, FileTooLarge, FileUnreadable, FileEncodingInvalid.</exception>
    internal JsonNode? Take(MetadataPositions positions)
    {
        _error?.Throw();
        if (_places is not null)
        {
            positions.Set(_root!, _places);
        }
        else if (!ReferenceEquals(Positions, positions))
        {
            positions.Take(Positions);
        }

        return _root;
    }

    private bool IsJson => System.IO.Path.GetExtension(Path).Equals(".json", StringComparison.OrdinalIgnoreCase);

    private JsonNode? Parse(bool includes) =>
        !IsJson ? YamlReader.Read(Text, Path, Positions, includes ? Includes : null, Ignored.Add)
        : string.IsNullOrWhiteSpace(Text) ? null
        : JsonTreeReader.Read(Text, Path, Positions);
}
