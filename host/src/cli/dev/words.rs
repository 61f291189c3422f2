//! What happens, in words for a person. Whatever a guest or a client said is made harmless before it comes here.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::Style;

use super::super::style::{ERROR, FAINT, GOOD, NOTE, STRONG, WARNING};
use super::differences::Difference;
use super::event::{Called, Event, Outcome, Stage, Swap};
use crate::contract::LogLevel;

/// What stands before lines that belong to the one above: as wide as the time.
const MARGIN: &str = "           ";

/// An event as lines, so long after the beginning.
pub fn of(event: &Event, at: Duration) -> String {
    let mut text = String::new();
    let time = format!("{:8.1} s ", at.as_secs_f64());
    let mut say = |head: &str| {
        let _ = writeln!(text, "{FAINT}{time}{FAINT:#} {head}");
    };
    match event {
        Event::Watching { dir, told } => {
            let how = if *told { "" } else { ", twice a second" };
            say(&format!("watching {STRONG}{dir}{STRONG:#}{how}"));
        }
        Event::Unwatched { reason } => {
            say(&format!(
                "{WARNING}changes are not seen for now{WARNING:#}: {reason}"
            ));
        }
        Event::Serving { url, client, taken } => serving(
            &mut text,
            &time,
            url.as_deref(),
            client.as_ref(),
            taken.as_deref(),
        ),
        Event::Changed {
            files,
            count,
            restarted,
        } => {
            let more = match count.saturating_sub(files.len()) {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            let again = if *restarted {
                "; the build begins anew"
            } else {
                ""
            };
            say(&format!("changed: {}{more}{again}", files.join(", ")));
        }
        Event::Building => say("building …"),
        Event::Compiler { line } => {
            let _ = writeln!(text, "{MARGIN} {line}");
        }
        Event::Built { build_ms, .. } => say(&format!("built in {build_ms} ms")),
        Event::Unchanged { .. } => {
            say("nothing changed for clients: it is the build that is in service")
        }
        Event::Failed {
            stage,
            reason,
            output,
            kept,
        } => {
            failed(&mut text, &time, *stage, reason, output.as_deref(), *kept);
        }
        Event::Swapped(swap) => swapped(&mut text, &time, swap),
        Event::Granted { plugin } => say(&format!(
            "{NOTE}what `[plugins.{plugin}]` grants holds for every build of this run, as with `digest = \"any\"`{NOTE:#}"
        )),
        Event::Call(called) => call(&mut text, &time, called),
        Event::Refused {
            attempt,
            because,
            remedies,
            ..
        } => {
            let because = because
                .as_ref()
                .map(|it| format!(": {it}"))
                .unwrap_or_default();
            let _ = writeln!(
                text,
                "{MARGIN} {WARNING}refused{WARNING:#}  {attempt}{because}"
            );
            for remedy in remedies {
                let _ = writeln!(text, "{MARGIN}          {FAINT}# {}{FAINT:#}", remedy.file);
                for line in remedy.lines.lines() {
                    let _ = writeln!(text, "{MARGIN}          {line}");
                }
            }
        }
        Event::Log { level, line, .. } => {
            let style = log_style(*level);
            let name = format!("{level:?}").to_lowercase();
            let _ = writeln!(text, "{MARGIN} {style}{name:<8}{style:#} {line}");
        }
        Event::Progress {
            progress,
            total,
            message,
            ..
        } => {
            let of = total
                .map(|total| format!(" of {total}"))
                .unwrap_or_default();
            let message = message.as_deref().unwrap_or_default();
            let _ = writeln!(
                text,
                "{MARGIN} {FAINT}progress {progress}{of} {message}{FAINT:#}"
            );
        }
        Event::LeftOut { count } => {
            say(&format!("{WARNING}{count} lines were left out{WARNING:#}"))
        }
    }
    text
}

fn serving(
    text: &mut String,
    time: &str,
    url: Option<&str>,
    client: Option<&serde_json::Value>,
    taken: Option<&str>,
) {
    if let Some(taken) = taken {
        let _ = writeln!(
            text,
            "{FAINT}{time}{FAINT:#} {WARNING}{taken} is another program's{WARNING:#}, so a free port is used (hint: `--http ADDRESS` names one)"
        );
    }
    let head = match url {
        Some(url) => format!("serving MCP at {STRONG}{url}{STRONG:#}"),
        None => "serving MCP on standard input and output".to_owned(),
    };
    let _ = writeln!(text, "{FAINT}{time}{FAINT:#} {head}");
    if let Some(client) = client {
        let _ = writeln!(text, "{MARGIN} for a client: {client}");
    }
}

fn failed(
    text: &mut String,
    time: &str,
    stage: Stage,
    reason: &str,
    output: Option<&str>,
    kept: bool,
) {
    for line in output.into_iter().flat_map(str::lines) {
        let _ = writeln!(text, "{MARGIN} {line}");
    }
    let what = match stage {
        Stage::Build => "does not build",
        Stage::Configuration => "cannot be configured",
        Stage::Read => "cannot be read",
        Stage::Load => "cannot be put into service",
    };
    let _ = writeln!(
        text,
        "{FAINT}{time}{FAINT:#} {ERROR}it {what}{ERROR:#}: {reason}"
    );
    let then = match kept {
        true => "the build before is still in service",
        false => "nothing is in service yet; the next save builds again",
    };
    let _ = writeln!(text, "{MARGIN} {then}");
}

fn swapped(text: &mut String, time: &str, swap: &Swap) {
    let Swap {
        plugin,
        version,
        build_ms,
        load_ms,
        start_ms,
        swap_us,
        since_built_ms,
        ..
    } = swap;
    let what = if swap.first { "in service" } else { "swapped" };
    let _ = writeln!(
        text,
        "{FAINT}{time}{FAINT:#} {GOOD}{what}{GOOD:#}: {STRONG}{plugin} {version}{STRONG:#}, {} KiB, {since_built_ms} ms after the build",
        swap.component_bytes.div_ceil(1_024)
    );
    let _ = writeln!(
        text,
        "{MARGIN} {FAINT}build {build_ms} ms, compile {load_ms} ms, start {start_ms} ms, swap {swap_us} µs{FAINT:#}"
    );
    let differences = &swap.differences;
    for (kind, difference) in [
        ("tools", &differences.tools),
        ("resources", &differences.resources),
        ("prompts", &differences.prompts),
    ] {
        list(text, kind, difference);
    }
    if !swap.first && !swap.told.is_empty() {
        let _ = writeln!(
            text,
            "{MARGIN} {FAINT}clients are told of: {}{FAINT:#}",
            swap.told.join(", ")
        );
    }
}

fn list(text: &mut String, kind: &str, difference: &Difference) {
    if difference.is_none() {
        return;
    }
    let _ = write!(text, "{MARGIN} {kind}: {}", difference.count);
    for (mark, style, names) in [
        ('+', GOOD, &difference.added),
        ('-', ERROR, &difference.removed),
        ('~', NOTE, &difference.changed),
    ] {
        for name in names {
            let _ = write!(text, " {style}{mark}{name}{style:#}");
        }
    }
    text.push('\n');
}

fn call(text: &mut String, time: &str, called: &Called) {
    let Called {
        subject,
        arguments,
        answer,
        usage,
        ..
    } = called;
    let (style, mark): (Style, _) = match called.outcome {
        Outcome::Answered => (GOOD, "→"),
        Outcome::Refused => (WARNING, "→ no:"),
        Outcome::Asked => (NOTE, "→ asks:"),
        Outcome::Task => (NOTE, "→ a task:"),
        Outcome::Failed => (ERROR, "→ failed:"),
    };
    let kind = match called.method {
        "tools/call" => "",
        other => other,
    };
    let space = if kind.is_empty() { "" } else { " " };
    let _ = writeln!(
        text,
        "{FAINT}{time}{FAINT:#} {kind}{space}{STRONG}{subject}{STRONG:#} {arguments}"
    );
    let mut lines = answer.lines();
    let _ = writeln!(
        text,
        "{MARGIN} {style}{mark}{style:#} {}",
        lines.next().unwrap_or_default()
    );
    for line in lines {
        let _ = writeln!(text, "{MARGIN}   {line}");
    }
    let ms = usage.wall_us as f64 / 1_000.0;
    let mib = usage.memory_bytes as f64 / f64::from(1 << 20);
    let _ = writeln!(
        text,
        "{MARGIN} {FAINT}{ms:.1} ms, fuel {}, memory {mib:.1} MiB{FAINT:#}",
        usage.fuel
    );
    for used in &called.used {
        let _ = writeln!(text, "{MARGIN} {NOTE}used{NOTE:#}     {used}");
    }
}

fn log_style(level: LogLevel) -> Style {
    match level {
        LogLevel::Debug | LogLevel::Info | LogLevel::Notice => FAINT,
        LogLevel::Warning => WARNING,
        _ => ERROR,
    }
}
