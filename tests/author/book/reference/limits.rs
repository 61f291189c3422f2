//! `limits.md`: the values from the code, and what they mean from the comments beside them.

use std::collections::BTreeMap;

use portcullis::limits::{HttpLimits, Limits};

use super::{cell, check, grouped, source};

/// The lines that follow comments, each with its comment.
fn documented(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut doc = Vec::new();
    for line in code.lines().map(str::trim) {
        match line.strip_prefix("///") {
            Some(words) => doc.push(words.trim().to_owned()),
            None if line.is_empty() => doc.clear(),
            None => found.push((line.to_owned(), std::mem::take(&mut doc).join(" "))),
        }
    }
    found
}

/// What each key means, of the lines that `key` finds one in.
fn meanings(code: &str, key: impl Fn(&str) -> Option<&str>) -> BTreeMap<String, String> {
    let lines = documented(code).into_iter();
    let keys = lines.filter_map(|(line, doc)| Some((key(&line)?.to_owned(), doc)));
    keys.filter(|(_, doc)| !doc.is_empty()).collect()
}

/// What a limit counts, as its name says.
fn unit(key: &str) -> &'static str {
    match key {
        "fuel" => "units",
        "cpu_percent" => "hundredths of a core",
        "log_lines_per_second" => "lines per second",
        _ if key.ends_with("_ms") => "milliseconds",
        _ if key.ends_with("_bytes") => "bytes",
        _ => "",
    }
}

#[test]
fn the_reference_of_the_limits_is_what_the_host_enforces() {
    let code = source("host/src/limits/effective.rs");
    let (_, table) = code.split_once("limits! {\n    /// Units").unwrap();
    let (table, _) = table.split_once("\n}\n").unwrap();
    let table = format!("/// Units{table}");
    let meanings_of = meanings(&table, |line| {
        line.contains(": default ")
            .then(|| line.split(':').next())?
    });
    let mut text = String::from(
        "Every limit is on. The operator sets them for all plugins under `[limits]` and for one under `[plugins.<name>.limits]`, up \
         to the ceiling; a plugin may wish for less in its manifest.\n\n\
         | key | default | ceiling | unit | what it bounds |\n|---|---:|---:|---|---|\n",
    );
    let ceiling = Limits::ceiling().entries();
    for ((key, default), (_, ceiling)) in Limits::default().entries().into_iter().zip(ceiling) {
        let meaning = &meanings_of[key];
        text.push_str(&format!(
            "| `{key}` | {} | {} | {} | {} |\n",
            grouped(default),
            grouped(ceiling),
            unit(key),
            cell(meaning)
        ));
    }
    let code = source("host/src/limits/http.rs");
    let meanings_of = meanings(&code, |line| {
        line.strip_prefix("pub ")?.strip_suffix(": u64,")
    });
    text.push_str(
        "\n## Serving over HTTP\n\nUnder `[http]`.\n\n| key | default | unit | what it bounds |\n|---|---:|---|---|\n",
    );
    let mut limits = HttpLimits::default();
    for (key, value) in limits.entries_mut() {
        let meaning = &meanings_of[key];
        text.push_str(&format!(
            "| `{key}` | {} | {} | {} |\n",
            grouped(*value),
            unit(key),
            cell(meaning)
        ));
    }
    text.push_str(
        "\n## What nobody sets\n\nThese keep the host's own structures small, and no honest plugin meets them.\n\n\
         | name | value | what it bounds |\n|---|---:|---|\n",
    );
    for (name, value, meaning) in fixed(&source("host/src/limits/fixed.rs")) {
        text.push_str(&format!("| `{name}` | {value} | {} |\n", cell(&meaning)));
    }
    check("limits.md", "Limits", &text);
}

/// The constants of a file: name, value, comment.
fn fixed(code: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for (line, doc) in documented(code) {
        let Some(constant) = line.strip_prefix("pub const ") else {
            continue;
        };
        let (name, rest) = constant.split_once(':').unwrap();
        let (_, value) = rest.split_once(" = ").unwrap();
        let value = value.trim_end_matches(';').replace('_', "");
        let number = match value.split_once(" << ") {
            Some((n, by)) => n.parse::<u64>().unwrap() << by.parse::<u32>().unwrap(),
            None => value.parse().unwrap(),
        };
        assert!(!doc.is_empty(), "{name} has no reason");
        found.push((name.to_owned(), grouped(number), doc));
    }
    assert!(found.len() > 30);
    found
}
