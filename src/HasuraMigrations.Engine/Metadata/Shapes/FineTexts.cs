using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>Values without a problem that tables have in common. Several threads use it.</summary>
internal sealed class FineTexts
{
    private readonly TreeTexts _texts = new();
    private readonly HashSet<(Shape Shape, TreeText Text)> _fine = [];

    /// <summary>A value has no problem, since another one with the same text has none.</summary>
    internal bool Has(JsonNode value, Shape shape)
    {
        if (!IsRepeated(shape))
        {
            return false;
        }

        var text = _texts.Of(value);
        lock (_fine)
        {
            return _fine.Contains((shape, text));
        }
    }

    /// <summary>Keeps a value that has no problem.</summary>
    internal void Add(JsonNode? value, Shape shape)
    {
        if (IsRepeated(shape))
        {
            var text = _texts.Of(value);
            lock (_fine)
            {
                _fine.Add((shape, text));
            }
        }
    }

    private static bool IsRepeated(Shape shape) => shape is ObjectShape { IsRepeated: true };
}
