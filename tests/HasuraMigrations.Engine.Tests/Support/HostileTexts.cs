namespace HasuraMigrations.Tests.Support;

/// <summary>Texts that act where they are written carelessly: in the log of a build agent, in a terminal, XML, JSON, Markdown, HTML.</summary>
public static class HostileTexts
{
    public static readonly string[] All =
    [
        "x]##vso[task.setvariable variable=a]b",
        "##vso[task.complete result=Succeeded;]done",
        "a ##VSO[task.setvariable variable=a;isOutput=true]b",
        "##[command]rm -rf /",
        "##[error]fake",
        "##[add-mask]fake",
        "::error::fake",
        "  \t::set-output name=a::b",
        "::stop-commands::token",
        "text ::warning file=a,line=1::fake",
        "a\n::error file=a::fake",
        "a\r\n##vso[task.setvariable variable=a]b",
        "a\r::add-mask::x\u2028::debug::y\u0085##[group]z\v::group::w\f##[section]",
        "\u001b[31mred\u001b[0m\u001b]8;;https://example.com\u0007link\u001b]8;;\u0007",
        "%0A::error::fake%0D%0A##vso[task.setvariable variable=a]b",
        "%AZP25%25%3B;type=error;sourcepath=/x]forged",
        "a,line=7,title=forged::b: c",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "]]> <!-- --> </style></script></title> &amp; \" ' &#10;",
        "| a | b | `c` ``d`` *e* _f_ [g](javascript:h) ![i](https://example.com/j) # k @team ~~l~~ <m> \\",
        "\u202Egnp.exe \u2066x\u2069 \uD800 \uFFFE \0 \u0007",
        "{\"a\":1}\\u0000\\n",
    ];
}
