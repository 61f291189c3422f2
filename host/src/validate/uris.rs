//! Addresses: of resources, of families of them, and of icons. That they are absolute, the loader has seen to.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::template::{self, Problem};
use super::{Code, Findings, Subject};
use crate::contract::{Icon, Lists};
use crate::names::shown;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[
    *OF_OTHERS,
    *UNDECLARED,
    *CHARACTERS,
    *TWICE,
    *TEMPLATE,
    *NO_EXPRESSION,
    *TEMPLATE_LEVEL,
    *MEDIA_TYPE,
    *PAGE,
    *ICON,
];

const OF_OTHERS: &Code = &Code::warning(
    "PC0421",
    "uri-scheme-of-others",
    "a URI has a scheme that clients or systems treat in their own way",
    "Clients open `file:`, `http:` and `https:` by themselves instead of asking the plugin, and refuse `data:` or \
     `javascript:`. Use a scheme of the plugin's own, such as `notes://`.",
);
const UNDECLARED: &Code = &Code::warning(
    "PC0422",
    "uri-undeclared",
    "a URI lies outside what the manifest declares",
    "The key `uris` of plugin.json says which URIs belong to the plugin. People see there what it answers for, and no \
     other plugin can claim it. Add the beginning of this one.",
);
const CHARACTERS: &Code = &Code::warning(
    "PC0423",
    "uri-characters",
    "a URI has characters that RFC 3986 does not allow",
    "Clients normalise such URIs each in its own way, and then ask for something that was never listed. Write the \
     character as `%` and two hexadecimal digits for each of its bytes, and leave out `.` and `..` between slashes.",
);
const TWICE: &Code = &Code::warning(
    "PC0424",
    "uri-twice",
    "two resources, or two templates, have the same URI",
    "A client can ask for one of them only. List it once.",
);
const TEMPLATE: &Code = &Code::error(
    "PC0425",
    "template-syntax",
    "a URI template is none by RFC 6570",
    "Clients stop reading the list of templates at the first they cannot parse. Expressions look like `{name}`.",
);
const NO_EXPRESSION: &Code = &Code::warning(
    "PC0426",
    "template-without-expression",
    "a URI template has nothing to fill in",
    "It stands for one resource. List it as a resource, where people find it.",
);
const TEMPLATE_LEVEL: &Code = &Code::note(
    "PC0427",
    "template-level",
    "a URI template uses what few clients can fill in",
    "Many clients know `{name}` alone, level 1 of RFC 6570. Operators, lists of names and the modifiers `*` and `:3` are \
     left as they are by some.",
);
const MEDIA_TYPE: &Code = &Code::warning(
    "PC0428",
    "media-type",
    "a media type is none by RFC 9110",
    "Clients choose by the media type how to show a resource, and take one they cannot read for binary. Write it like \
     `text/markdown` or `text/plain; charset=utf-8`.",
);
const PAGE: &Code = &Code::warning(
    "PC0429",
    "page-media-type",
    "a `ui://` resource is not said to be a page",
    "Clients with MCP Apps open `ui://` resources of the media type `text/html;profile=mcp-app` alone. With \
     another one the page is never shown.",
);
const ICON: &Code = &Code::warning(
    "PC0430",
    "icon",
    "an icon is one that clients do not show",
    "Clients show PNG, JPEG, WebP and SVG from `https:` or `data:` addresses, in sizes like `48x48` or `any`. A `data:` \
     address travels with every list, so it should be small, and a picture with a script in it is refused.",
);

/// Bytes of an icon in a `data:` address. Every list carries it.
const ICON_BYTES: usize = 32 << 10;

/// Schemes that clients know how to open, or that do something else than name a resource.
const SCHEMES_OF_OTHERS: &[&str] = &[
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "ftp",
    "http",
    "https",
    "javascript",
    "mailto",
    "ssh",
    "vbscript",
    "vscode",
    "ws",
    "wss",
];

/// Looks at the addresses.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let Some(listed) = &subject.listed else {
        return;
    };
    let lists = &listed.lists;
    let declared = &subject.source.manifest.uris;
    let mut seen = HashSet::new();
    for resource in &lists.resources {
        let within = format!("resource {}", shown(&resource.uri));
        address(&resource.uri, &resource.uri, declared, &within, findings);
        once(&mut seen, &resource.uri, &within, findings);
        characters(&resource.uri, &within, findings);
        media_type(resource.mime_type.as_deref(), &within, findings);
        page(
            &resource.uri,
            resource.mime_type.as_deref(),
            &within,
            findings,
        );
    }
    let mut seen = HashSet::new();
    for template in &lists.templates {
        let within = format!("template {}", shown(&template.uri_template));
        address(
            &template.uri_template,
            template.literal_prefix(),
            declared,
            &within,
            findings,
        );
        once(&mut seen, &template.uri_template, &within, findings);
        syntax(&template.uri_template, &within, findings);
        media_type(template.mime_type.as_deref(), &within, findings);
    }
    for (within, icons) in all_icons(lists) {
        for icon in icons {
            if let Some(problem) = problem_with(icon) {
                findings.add(ICON, &within, problem, "use a small PNG or SVG");
            }
        }
    }
}

/// Whose an address is. `begin` is what stands before its first expression.
fn address(uri: &str, begin: &str, declared: &[String], within: &str, findings: &mut Findings) {
    let scheme = uri
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    // The host's own, which keep the plugin from being put into service.
    if scheme == "skill" {
        return;
    }
    if SCHEMES_OF_OTHERS.contains(&&*scheme) {
        let message = format!(
            "clients treat `{scheme}:` in their own way, and may never ask the plugin for it"
        );
        return findings.add(
            OF_OTHERS,
            within,
            message,
            "use a scheme of the plugin's own",
        );
    }
    if !declared
        .iter()
        .any(|declared| begin.starts_with(&**declared))
    {
        let message = "it lies outside of what `uris` in plugin.json declares";
        let rest = uri.get(scheme.len()..).unwrap_or_default();
        let marks = if rest.starts_with("://") { "://" } else { ":" };
        let hint = format!("add \"{scheme}{marks}\" to `uris`");
        findings.add(UNDECLARED, within, message, hint);
    }
}

fn once<'u>(seen: &mut HashSet<&'u str>, uri: &'u str, within: &str, findings: &mut Findings) {
    if !seen.insert(uri) {
        findings.add(TWICE, within, "it is listed twice", "list it once");
    }
}

fn characters(uri: &str, within: &str, findings: &mut Findings) {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    let problem = if let Some(c) = uri.chars().find(|c| !is_allowed(*c)) {
        format!(
            "it has the character {}, which has to be written with `%`",
            shown(c.encode_utf8(&mut [0; 4]))
        )
    } else if uri.split('%').skip(1).any(|rest| !begins_with_hex(rest)) {
        "it has a `%` without two hexadecimal digits behind it".to_owned()
    } else if path(uri)
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        "it has a `.` or `..` between slashes, which clients take out".to_owned()
    } else {
        return;
    };
    findings.add(CHARACTERS, within, problem, "encode it as RFC 3986 has it");
}

fn begins_with_hex(text: &str) -> bool {
    text.len() >= 2 && text.bytes().take(2).all(|b| b.is_ascii_hexdigit())
}

fn path(uri: &str) -> &str {
    let after_scheme = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    after_scheme.split(['?', '#']).next().unwrap_or_default()
}

fn syntax(text: &str, within: &str, findings: &mut Findings) {
    match template::read(text) {
        Err(Problem { at, what }) => {
            let message = format!("{what}, at character {at}");
            findings.add(TEMPLATE, within, message, "write expressions like `{name}`");
        }
        Ok(template) if template.n_expressions == 0 => {
            let message = "it has no expression such as `{name}`";
            findings.add(NO_EXPRESSION, within, message, "list it as a resource");
        }
        Ok(template) => {
            characters(&template.literals, within, findings);
            if template.level > 1 {
                let message = format!("it needs level {} of RFC 6570", template.level);
                findings.add(
                    TEMPLATE_LEVEL,
                    within,
                    message,
                    "use expressions like `{name}` where they do",
                );
            }
        }
    }
}

fn media_type(claimed: Option<&str>, within: &str, findings: &mut Findings) {
    if let Some(claimed) = claimed.filter(|claimed| !is_media_type(claimed)) {
        let message = format!("{} is not a media type", shown(claimed));
        findings.add(MEDIA_TYPE, within, message, "write it like `text/markdown`");
    }
}

/// `type/subtype`, with parameters behind `;`.
fn is_media_type(claimed: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
    };
    let mut parts = claimed.split(';').map(str::trim);
    let Some((kind, subtype)) = parts.next().and_then(|essence| essence.split_once('/')) else {
        return false;
    };
    let is_parameter = |part: &str| {
        let quoted =
            |value: &str| value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
        part.split_once('=')
            .is_some_and(|(name, value)| is_token(name) && (is_token(value) || quoted(value)))
    };
    is_token(kind) && is_token(subtype) && parts.all(is_parameter)
}

fn page(uri: &str, mime_type: Option<&str>, within: &str, findings: &mut Findings) {
    let is_page = |claimed: &str| {
        claimed
            .replace(' ', "")
            .eq_ignore_ascii_case("text/html;profile=mcp-app")
    };
    if uri.starts_with("ui://") && !mime_type.is_some_and(is_page) {
        let message = "clients open it only as `text/html;profile=mcp-app`";
        findings.add(PAGE, within, message, "give it that media type");
    }
}

fn all_icons(lists: &Lists) -> impl Iterator<Item = (String, &[Icon])> {
    let tools = lists
        .tools
        .iter()
        .map(|tool| (format!("tool `{}`", tool.name), &*tool.icons));
    let prompts = lists
        .prompts
        .iter()
        .map(|prompt| (format!("prompt `{}`", prompt.name), &*prompt.icons));
    let resources = lists
        .resources
        .iter()
        .map(|r| (format!("resource {}", shown(&r.uri)), &*r.icons));
    let templates = lists
        .templates
        .iter()
        .map(|t| (format!("template {}", shown(&t.uri_template)), &*t.icons));
    tools.chain(prompts).chain(resources).chain(templates)
}

fn problem_with(icon: &Icon) -> Option<String> {
    let is_size = |size: &str| {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        size == "any"
            || size
                .split_once('x')
                .is_some_and(|(w, h)| is_number(w) && is_number(h))
    };
    if let Some(size) = icon.sizes.iter().find(|size| !is_size(size)) {
        return Some(format!(
            "{} is no size of an icon, such as `48x48`",
            shown(size)
        ));
    }
    if let Some(claimed) = icon
        .mime_type
        .as_deref()
        .filter(|claimed| !claimed.starts_with("image/"))
    {
        return Some(format!(
            "{} is not the media type of a picture",
            shown(claimed)
        ));
    }
    let Some(data) = icon.src.strip_prefix("data:") else {
        return is_no_web_address(&icon.src).then(|| format!("{} names no host", shown(&icon.src)));
    };
    if data.len() > ICON_BYTES {
        return Some(format!(
            "an icon has {} bytes, which every list carries",
            data.len()
        ));
    }
    let Some((head, body)) = data.split_once(',') else {
        return Some("the `data:` address of an icon has no comma".to_owned());
    };
    if !head.starts_with("image/") {
        return Some("the `data:` address of an icon is no picture".to_owned());
    }
    let body = match head.ends_with(";base64") {
        true => match STANDARD.decode(body) {
            Ok(bytes) => bytes,
            Err(_) => return Some("the `data:` address of an icon is not base64".to_owned()),
        },
        false => body.as_bytes().to_vec(),
    };
    let text = String::from_utf8_lossy(&body)
        .to_ascii_lowercase()
        .replace("%3c", "<");
    text.contains("<script")
        .then(|| "an icon has a script in it".to_owned())
}

fn is_no_web_address(src: &str) -> bool {
    let host = src
        .strip_prefix("https://")
        .and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_none_or(str::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{assert_found, found, resource, subject, template, tool, tools};
    use super::*;

    fn check_resource(with: Value, expected: &[&Code]) {
        let lists = Lists {
            resources: vec![resource(with.clone())],
            ..Lists::default()
        };
        assert_found(&found(check, &subject(lists)), expected, &with.to_string());
    }

    #[test]
    fn a_resource_has_an_address_of_the_plugins_own() {
        let uri = |uri: &str, expected: &[&Code]| check_resource(json!({"uri": uri}), expected);
        uri("books://all", &[]);
        uri("books://all/a%20b?c=d#e", &[]);
        uri("skill://library/a/SKILL.md", &[]);
        uri("file:///etc/passwd", &[OF_OTHERS]);
        uri("https://example.com/", &[OF_OTHERS]);
        uri("JavaScript:alert(1)", &[OF_OTHERS]);
        uri("films://all", &[UNDECLARED]);
        uri("books://größe", &[CHARACTERS]);
        uri("books://a|b", &[CHARACTERS]);
        uri("books://100%", &[CHARACTERS]);
        uri("books://a/../b", &[CHARACTERS]);
        uri("books://a/...", &[]);
    }

    #[test]
    fn what_to_declare_is_the_beginning_of_the_address() {
        let check = |uri: &str, hint: &str| {
            let lists = Lists {
                resources: vec![resource(json!({"uri": uri}))],
                ..Lists::default()
            };
            let found = found(super::check, &subject(lists));
            assert_eq!(found[0].hint.as_deref(), Some(hint), "{uri}");
        };
        check("films://all", "add \"films://\" to `uris`");
        check("urn:isbn:1", "add \"urn:\" to `uris`");
    }

    #[test]
    fn an_address_is_listed_once() {
        let lists = |uris: &[&str]| Lists {
            resources: uris
                .iter()
                .map(|uri| resource(json!({"uri": uri})))
                .collect(),
            ..Lists::default()
        };
        assert_found(
            &found(check, &subject(lists(&["books://a", "books://b"]))),
            &[],
            "two",
        );
        assert_found(
            &found(check, &subject(lists(&["books://a", "books://a"]))),
            &[TWICE],
            "one",
        );
    }

    #[test]
    fn a_template_can_be_filled_in() {
        let check = |uri: &str, expected: &[&Code]| {
            let lists = Lists {
                templates: vec![template(json!({"uriTemplate": uri}))],
                ..Lists::default()
            };
            assert_found(&found(super::check, &subject(lists)), expected, uri);
        };
        check("books://{title}/{page}", &[]);
        check("books://{", &[TEMPLATE]);
        check("books://{}", &[TEMPLATE]);
        check("books://all", &[NO_EXPRESSION]);
        check("books://{/path*}", &[TEMPLATE_LEVEL]);
        check("books://{title}/ä", &[CHARACTERS]);
        check("books://{name}.{ext}", &[]);
        check("books://compare/{base}..{head}/{file}", &[]);
        check("books://{title}/../{file}", &[CHARACTERS]);
        check("{scheme}://x", &[UNDECLARED]);
    }

    #[test]
    fn a_media_type_is_one() {
        let check = |claimed: &str, expected: &[&Code]| {
            check_resource(json!({"mimeType": claimed}), expected)
        };
        check("text/plain", &[]);
        check("text/plain; charset=utf-8", &[]);
        check("application/vnd.a+json;v=\"1 2\"", &[]);
        for bad in [
            "text/",
            "/plain",
            "text/plain, text/html",
            "te xt/plain",
            "text/plain;",
            "text/plain; charset",
        ] {
            check(bad, &[MEDIA_TYPE]);
        }
    }

    #[test]
    fn a_page_is_said_to_be_one() {
        let check = |mime_type: Value, expected: &[&Code]| {
            let page = resource(json!({"uri": "ui://library/page", "mimeType": mime_type}));
            let mut subject = subject(Lists {
                resources: vec![page],
                ..Lists::default()
            });
            subject.source.manifest.uris = vec!["ui://library/".to_owned()];
            assert_found(&found(super::check, &subject), expected, "page");
        };
        check(json!("text/html;profile=mcp-app"), &[]);
        check(json!("text/html; profile=mcp-app"), &[]);
        check(json!("text/html"), &[PAGE]);
        check(Value::Null, &[PAGE]);
    }

    #[test]
    fn an_icon_is_a_small_picture_without_a_script() {
        let check = |icon: Value, expected: &[&Code]| {
            let lists = tools(vec![tool(json!({"icons": [icon]}))]);
            assert_found(
                &found(super::check, &subject(lists)),
                expected,
                &icon.to_string(),
            );
        };
        check(
            json!({"src": "https://example.com/a.png", "mimeType": "image/png", "sizes": ["48x48"]}),
            &[],
        );
        check(json!({"src": "data:image/png;base64,iVBORw0KGgo="}), &[]);
        check(
            json!({"src": "data:image/svg+xml,%3Csvg/%3E", "sizes": ["any"]}),
            &[],
        );
        check(
            json!({"src": "https://example.com/a.png", "sizes": ["big"]}),
            &[ICON],
        );
        check(
            json!({"src": "https://example.com/a.png", "mimeType": "text/html"}),
            &[ICON],
        );
        check(json!({"src": "https:///a.png"}), &[ICON]);
        check(json!({"src": "data:text/html,x"}), &[ICON]);
        check(json!({"src": "data:image/png;base64,%%%"}), &[ICON]);
        check(json!({"src": "data:image/png"}), &[ICON]);
        check(json!({"src": "data:image/svg+xml,%3Cscript%3E"}), &[ICON]);
        check(
            json!({"src": format!("data:image/png,{}", "a".repeat(ICON_BYTES))}),
            &[ICON],
        );
    }
}
