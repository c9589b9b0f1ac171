using System.Globalization;
using System.Xml;

namespace HasuraMigrations.Engine.Reports;

/// <summary>Writes elements of HTML; every text and attribute is escaped by the writer of XML below.</summary>
internal sealed class HtmlText : IDisposable
{
    private readonly Report.Utf8Text _text = new();
    private readonly XmlWriter _xml;

    internal HtmlText()
    {
        _xml = XmlWriter.Create(_text, new XmlWriterSettings { OmitXmlDeclaration = true, ConformanceLevel = ConformanceLevel.Fragment, NewLineHandling = NewLineHandling.None });
        _xml.WriteRaw("<!DOCTYPE html>\n");
    }

    /// <summary>Begins an element.</summary>
    internal HtmlText Open(string name, params (string Name, string Value)[] attributes)
    {
        _xml.WriteStartElement(name);
        foreach (var (attribute, value) in attributes)
        {
            _xml.WriteAttributeString(attribute, value);
        }

        return this;
    }

    /// <summary>Ends the element that was begun last.</summary>
    internal HtmlText Close()
    {
        // HTML knows no short form for elements without content.
        _xml.WriteFullEndElement();
        return this;
    }

    /// <summary>Writes text.</summary>
    internal HtmlText Text(string text)
    {
        _xml.WriteString(text);
        return this;
    }

    /// <summary>Writes an element with text.</summary>
    internal HtmlText Element(string name, string text, params (string Name, string Value)[] attributes) => Open(name, attributes).Text(text).Close();

    /// <summary>Writes an element that HTML defines without content and end, or one of SVG.</summary>
    internal HtmlText Void(string name, params (string Name, string Value)[] attributes)
    {
        Open(name, attributes);
        _xml.WriteEndElement();
        return this;
    }

    /// <summary>Writes a style or a script, which HTML reads without escapes.</summary>
    /// <param name="name">The element.</param>
    /// <param name="content">A text of this assembly, never one from outside.</param>
    internal HtmlText Own(string name, string content)
    {
        Open(name);
        _xml.WriteRaw(content);
        return Close();
    }

    /// <summary>Begins a new line of the file, so that it can be read as text.</summary>
    internal HtmlText Line() => Text("\n");

    /// <summary>A number as SVG takes it.</summary>
    internal static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>All that was written.</summary>
    public override string ToString()
    {
        _xml.Flush();
        return _text.ToString();
    }

    public void Dispose()
    {
        _xml.Dispose();
        _text.Dispose();
    }
}
