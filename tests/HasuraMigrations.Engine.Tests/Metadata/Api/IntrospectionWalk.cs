using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>
/// The differences of two schemas, by a walk through their introspections that shares nothing with the comparison: members are laid out flat by
/// path, and what is on one side only, or different on both, is judged by what stands there.
/// </summary>
internal static class IntrospectionWalk
{
    private static readonly string[] Languages = ["Int", "Float", "String", "Boolean", "ID"];
    private static readonly string[] Standard = ["skip", "include", "deprecated", "specifiedBy"];

    /// <summary>The introspection of a schema.</summary>
    public static JsonNode Introspection(ApiSchema schema)
    {
        using var bytes = new MemoryStream();
        IntrospectionWriter.Write(schema, bytes);
        return JsonNode.Parse(bytes.ToArray())!;
    }

    /// <summary>Path, criterion and class of each difference.</summary>
    public static HashSet<string> Differences(JsonNode before, JsonNode after)
    {
        var (old, now) = (Flat(before), Flat(after));
        var read = Read(before).Concat(Read(after)).ToHashSet();
        var found = new HashSet<string>();
        foreach (var (path, member) in old)
        {
            // What goes with a type, field or directive is not told again.
            if (member.Owner.Length > 0 && !(now.TryGetValue(member.Owner, out var owner) && owner.Kind == old[member.Owner].Kind))
            {
                continue;
            }

            if (!now.TryGetValue(path, out var other))
            {
                found.Add($"{member.Path} {member.What}Removed Breaking");
                continue;
            }

            if (other.Kind != member.Kind)
            {
                found.Add($"{member.Path} TypeKindChanged Breaking");
                continue;
            }

            found.UnionWith(OfBoth(member, other));
        }

        foreach (var (path, member) in now.Where(n => !old.ContainsKey(n.Key)))
        {
            if (member.Owner.Length == 0 || (old.TryGetValue(member.Owner, out var owner) && owner.Kind == now[member.Owner].Kind))
            {
                if (Added(member, read) is { } added)
                {
                    found.Add(added);
                }
            }
        }

        return found;
    }

    private static string? Added(Member member, HashSet<string> read)
    {
        var isRequired = member.Type.EndsWith('!') && member.Default is null;
        return member.What switch
        {
            "Type" or "Field" or "Directive" => $"{member.Path} {member.What}Added Safe",
            "Argument" => $"{member.Path} {(isRequired ? "RequiredArgumentAdded Breaking" : "OptionalArgumentAdded Dangerous")}",
            "InputField" when isRequired => $"{member.Path} RequiredInputFieldAdded Breaking",
            "InputField" => $"{member.Path} {(member.Default is null ? "OptionalInputFieldAdded Safe" : "InputFieldWithDefaultAdded Dangerous")}",
            "EnumValue" => $"{member.Path} EnumValueAdded {(read.Contains(member.Owner["Type ".Length..]) ? "Dangerous" : "Safe")}",
            "UnionMember" or "Interface" => $"{member.Path} {member.What}Added Dangerous",
            "DirectiveArgument" when isRequired => $"{member.Path} RequiredDirectiveArgumentAdded Breaking",
            _ => null,
        };
    }

    // Of two kinds of texts servers show one form or another, as the order of a hash set decides.
    private static bool IsOneText(string? old, string? now)
    {
        if (string.Join(' ', (old ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) == string.Join(' ', (now ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) && old is null == now is null)
        {
            return true;
        }

        const string key = "unique or primary key constraint on columns";
        return old?.StartsWith(key, StringComparison.Ordinal) == true && now?.StartsWith(key, StringComparison.Ordinal) == true
            ? old[key.Length..].Split(',').Select(c => c.Trim()).ToHashSet().SetEquals(now[key.Length..].Split(',').Select(c => c.Trim()))
            : new[] { ("An array relationship", "fetch data from the table: \""), ("An aggregate relationship", "fetch aggregated fields from the table: \"") }
                .Any(f => (old == f.Item1 && now?.StartsWith(f.Item2, StringComparison.Ordinal) != false) || (now == f.Item1 && old?.StartsWith(f.Item2, StringComparison.Ordinal) != false));
    }

    private static IEnumerable<string> OfBoth(Member old, Member now)
    {
        if (!IsOneText(old.Text, now.Text) && old.What != "DirectiveArgument")
        {
            yield return $"{old.Path} DescriptionChanged Safe";
        }

        if (old.What == "Directive" && old.Type == "repeatable" && now.Type != "repeatable")
        {
            yield return $"{old.Path} DirectiveRepeatableRemoved Breaking";
        }

        if (old.What is not ("Field" or "Argument" or "InputField"))
        {
            yield break;
        }

        var isInput = old.What != "Field";
        if (old.Type != now.Type)
        {
            var isSafe = isInput ? IsStricter(now.Type, old.Type) : IsStricter(old.Type, now.Type);
            yield return $"{old.Path} {old.What}Type{(!isSafe ? "Changed Breaking" : isInput ? "Loosened Safe" : "Tightened Safe")}";
        }
        else if (isInput && old.Type.EndsWith('!') && old.Default is not null && now.Default is null)
        {
            yield return $"{old.Path} {old.What}BecameRequired Breaking";
        }

        if (isInput && old.Default != now.Default && !(now.Type.EndsWith('!') && now.Default is null))
        {
            yield return $"{old.Path} {old.What}DefaultChanged Dangerous";
        }
    }

    // The second is the first with more marks that rule null out, and with no other difference.
    private static bool IsStricter(string loose, string strict)
    {
        var at = 0;
        foreach (var c in strict)
        {
            if (at < loose.Length && loose[at] == c)
            {
                at++;
            }
            else if (c != '!')
            {
                return false;
            }
        }

        return at == loose.Length;
    }

    // Types that clients read, by the names of members of fields.
    private static IEnumerable<string> Read(JsonNode introspection) =>
        from type in introspection["data"]!["__schema"]!["types"]!.AsArray()
        from field in type!["fields"]?.AsArray() ?? []
        select Text(field!["type"]!).Trim('[', ']', '!');

    private static Dictionary<string, Member> Flat(JsonNode introspection)
    {
        var members = new Dictionary<string, Member>();
        var schema = introspection["data"]!["__schema"]!;
        foreach (var type in schema["types"]!.AsArray().Select(t => t!).Where(t => !Name(t).StartsWith("__", StringComparison.Ordinal) && !Languages.Contains(Name(t))))
        {
            var name = Name(type);
            void Add(JsonNode node, string what, string path, string owner) => members[$"{what} {path}"] =
                new Member(what, path, owner, "", node["type"] is { } of ? Text(of) : "", node["defaultValue"]?.GetValue<string>(), node["description"]?.GetValue<string>());
            var own = $"Type {name}";
            members[own] = new Member("Type", name, "", type["kind"]!.GetValue<string>(), "", null, type["description"]?.GetValue<string>());
            foreach (var field in type["fields"]?.AsArray() ?? [])
            {
                var path = $"{name}.{Name(field!)}";
                Add(field!, "Field", path, own);
                foreach (var argument in field!["args"]!.AsArray())
                {
                    Add(argument!, "Argument", $"{path}({Name(argument!)})", $"Field {path}");
                }
            }

            foreach (var field in type["inputFields"]?.AsArray() ?? [])
            {
                Add(field!, "InputField", $"{name}.{Name(field!)}", own);
            }

            foreach (var value in type["enumValues"]?.AsArray() ?? [])
            {
                members[$"EnumValue {name}.{Name(value!)}"] = new Member("EnumValue", $"{name}.{Name(value!)}", own, "", "", null, value!["description"]?.GetValue<string>());
            }

            foreach (var one in type["interfaces"]?.AsArray() ?? [])
            {
                members[$"Interface {name}.{Name(one!)}"] = new Member("Interface", $"{name}.{Name(one!)}", own, "", "", null, null);
            }

            foreach (var one in type["kind"]!.GetValue<string>() == "UNION" ? type["possibleTypes"]!.AsArray() : [])
            {
                members[$"UnionMember {name}.{Name(one!)}"] = new Member("UnionMember", $"{name}.{Name(one!)}", own, "", "", null, null);
            }
        }

        foreach (var directive in schema["directives"]!.AsArray().Where(d => !Standard.Contains(Name(d!))))
        {
            var path = $"@{Name(directive!)}";
            members[$"Directive {path}"] = new Member("Directive", path, "", "", directive!["isRepeatable"]?.GetValue<bool>() == true ? "repeatable" : "", null, directive["description"]?.GetValue<string>());
            foreach (var argument in directive["args"]!.AsArray())
            {
                members[$"DirectiveArgument {path}({Name(argument!)})"] = new Member("DirectiveArgument", $"{path}({Name(argument!)})", $"Directive {path}", "", Text(argument!["type"]!), argument["defaultValue"]?.GetValue<string>(), null);
            }

            foreach (var location in directive["locations"]!.AsArray().Select(l => l!.GetValue<string>()))
            {
                members[$"DirectiveLocation {path} {location}"] = new Member("DirectiveLocation", path, $"Directive {path}", "", "", null, null);
            }
        }

        return members;
    }

    private static string Name(JsonNode node) => node["name"]!.GetValue<string>();

    private static string Text(JsonNode type) => type["kind"]!.GetValue<string>() switch
    {
        "NON_NULL" => $"{Text(type["ofType"]!)}!",
        "LIST" => $"[{Text(type["ofType"]!)}]",
        _ => Name(type),
    };

    private sealed record Member(string What, string Path, string Owner, string Kind, string Type, string? Default, string? Text);
}
