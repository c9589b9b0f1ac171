using System.Security.Cryptography;
using System.Text;

namespace HasuraMigrations.Engine.Reports;

/// <summary>What the pages of HTML share: a head whose content security policy allows only the page's own styles and script.</summary>
internal static class HtmlPage
{
    /// <summary>Writes the head.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="title">Title of the page.</param>
    /// <param name="script">The script that the page has at its end.</param>
    /// <param name="styles">Its styles.</param>
    internal static void WriteHead(HtmlText html, string title, string script, params IReadOnlyList<string> styles)
    {
        html.Open("head").Line();
        html.Void("meta", ("charset", "utf-8")).Line();
        html.Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", $"default-src 'none'; style-src {string.Join(' ', styles.Select(s => $"'{Hash(s)}'"))}; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'")).Line();
        html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1")).Line();
        html.Void("meta", ("name", "referrer"), ("content", "no-referrer")).Line();
        html.Element("title", title).Line();
        foreach (var style in styles)
        {
            html.Own("style", style).Line();
        }

        html.Close().Line();
    }

    /// <summary>A style or script of this assembly.</summary>
    internal static string Resource(string name)
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream($"{typeof(HtmlPage).Namespace}.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Hash(string content) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";
}
