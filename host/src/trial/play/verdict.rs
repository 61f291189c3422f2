//! What came of a case: each step held against what is expected of it, and written down.

use crate::catalogue::Catalogue;
use crate::contract::Reference;
use crate::manifest::nearest;
use crate::trial::cases::{Asks, Budget, Case, CaseFile, Step};
use crate::trial::report::{Complaint, StepReport};
use crate::trial::{
    Answer, Asked, Called, Meanwhile, Played, Rules, Stage, TrialError, judge, snapshots,
};

/// Holds what came of a step against what is expected of it, and writes it down.
pub(super) async fn judge(
    file: &CaseFile,
    case: &Case,
    idx: usize,
    stage: &Stage,
    called: Called<Answer>,
    rules: &Rules,
    played: &mut Played,
) {
    let Some(step) = case.steps.get(idx) else {
        return;
    };
    let expect = &step.expect;
    let Called { answer, meanwhile } = called;
    // What happened before the first call has no other place in a case.
    let before = Meanwhile::default();
    let started = if idx == 0 { stage.started() } else { &before };
    let mut complaints = judge::ending(expect, &answer);
    complaints.extend(judge::tried(expect, &started.tried, &meanwhile.tried));
    complaints.extend(judge::log(expect, &meanwhile.log));
    let mut cut = meanwhile.cut;
    cut.attempts |= started.cut.attempts;
    complaints.extend(judge::forgotten(expect, cut));
    for (key, matcher) in &expect.values {
        let value = stage.value(key).await;
        let value = value.map_err(|error| error.to_string());
        let value =
            value.map(|value| value.map(|value| String::from_utf8_lossy(&value).into_owned()));
        complaints.extend(judge::value(key, matcher.as_ref(), value));
    }
    // Without an answer from the script the plugin may still do well: that is for the case to say.
    complaints.extend(unmatched(started, "while the plugin starts: "));
    complaints.extend(unmatched(&meanwhile, ""));
    let (over, late) = judge::budget(&step.budget, &meanwhile.usage, rules.is_time_strict);
    complaints.extend(over);
    let report = &mut played.report;
    if let (true, Ok(Asked::Answer(answer))) = (expect.snapshot, &answer) {
        let path = snapshots::snapshot_path(file, case, idx);
        match snapshots::compare(&path, &answer.whole) {
            Ok(Some(change)) => report.snapshots.push((idx, change)),
            Ok(None) if rules.may_write => {
                if let Err(error) = snapshots::settle(&path) {
                    report.notes.push(format!(
                        "a proposal beside `{}` cannot be removed: {error}",
                        path.display()
                    ));
                }
            }
            Ok(None) => {}
            Err(error) => complaints.push(Complaint::said(format!(
                "`{}` cannot be read: {error}",
                path.display()
            ))),
        }
    }
    report.notes.extend(late);
    report.complaints.extend(
        complaints
            .into_iter()
            .map(|complaint| numbered(case, idx, complaint)),
    );
    report.steps.push(told(step, started, meanwhile));
}

/// Requests that were permitted and found nobody.
fn unmatched<'m>(meanwhile: &'m Meanwhile, when: &'m str) -> impl Iterator<Item = Complaint> + 'm {
    let sentences = meanwhile.unmatched.iter();
    sentences.map(move |sentence| Complaint::said(format!("{when}{sentence}")))
}

/// What happened in a step, and before it when it is the first.
fn told(step: &Step, started: &Meanwhile, meanwhile: Meanwhile) -> StepReport {
    let attempts = |is_permitted: bool| {
        let mut names = Vec::new();
        for tried in started.tried.iter().chain(&meanwhile.tried) {
            let name = tried.attempt.to_string();
            if tried.is_permitted == is_permitted && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    };
    let exchanges = started.exchanges.iter().chain(&meanwhile.exchanges);
    StepReport {
        call: step.asks.to_string(),
        n_rounds: meanwhile.n_rounds,
        usage: meanwhile.usage,
        permitted: attempts(true),
        refused: attempts(false),
        requests: exchanges
            .map(|exchange| format!("{} {} → {}", exchange.method, exchange.url, exchange.status))
            .collect(),
        log: meanwhile.log,
    }
}

/// Holds what a plugin did while it ended against the last step. Only what is refused and what finds nobody is wrong there.
pub(super) fn farewell(case: &Case, ended: &Meanwhile, played: &mut Played) {
    let Some(last) = case.steps.last() else {
        return;
    };
    let complaints = &mut played.report.complaints;
    complaints.extend(judge::farewell(&last.expect, &ended.tried));
    complaints.extend(unmatched(ended, "while the plugin ends: "));
}

/// A plugin that does not start has failed as well, and that may be what the first call expects. Whatever cannot be looked at
/// then is told, so that no case passes for what was never played.
pub(super) fn not_set(
    case: &Case,
    error: TrialError,
    played: &mut Played,
) -> Result<(), Complaint> {
    let words = error.to_string();
    let first = case.steps.first();
    let (Some(first), TrialError::DoesNotStart { meanwhile, .. }) = (first, error) else {
        return Err(Complaint::said(words));
    };
    let started = *meanwhile;
    let never = Meanwhile {
        log: started.log.clone(),
        ..Meanwhile::default()
    };
    played.report.steps.push(told(first, &started, never));
    let expect = &first.expect;
    if expect.fails.is_none() {
        return Err(Complaint::said(words));
    }
    let mut complaints = judge::ending(expect, &Err(words));
    complaints.extend(judge::tried(expect, &started.tried, &[]));
    complaints.extend(judge::log(expect, &started.log));
    complaints.extend(judge::forgotten(expect, started.cut));
    complaints.extend(unmatched(&started, "while the plugin starts: "));
    let kept = expect.values.iter();
    complaints.extend(kept.map(|(key, _)| {
        let key = key.escape_debug();
        Complaint::said(format!(
            "the value of `{key}` cannot be looked at, since the plugin does not start"
        ))
    }));
    if first.budget != Budget::default() {
        complaints.push(Complaint::said(
            "nothing can be held against `budget`, since the plugin does not start",
        ));
    }
    let complaints = complaints.into_iter();
    let complaints = complaints.map(|complaint| numbered(case, 0, complaint));
    played.report.complaints.extend(complaints);
    let rest = 1..case.steps.len();
    played.report.complaints.extend(rest.map(|idx| {
        let said = "it is never played, since the plugin does not start";
        numbered(case, idx, Complaint::said(said).hint("leave it out"))
    }));
    Ok(())
}

/// A name that the plugin does not offer is a slip of the case, and says so before anything is called.
pub(super) fn unknown(catalogue: &Catalogue, asks: &Asks) -> Option<Complaint> {
    let (kind, wanted, known): (_, _, Vec<&str>) = match asks {
        Asks::Resource(_)
        | Asks::Completion {
            reference: Reference::ResourceTemplate(_),
            ..
        } => return None,
        Asks::Tool { name, .. } => {
            let tools = catalogue.tools().iter();
            (
                "tool",
                name,
                tools.map(|tool| tool.item.name.as_str()).collect(),
            )
        }
        Asks::Prompt { name, .. }
        | Asks::Completion {
            reference: Reference::Prompt(name),
            ..
        } => {
            let prompts = catalogue.prompts().iter();
            (
                "prompt",
                name,
                prompts.map(|prompt| prompt.item.name.as_str()).collect(),
            )
        }
    };
    if known.contains(&wanted.as_str()) {
        return None;
    }
    let hint = match nearest(wanted, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => format!("it has no {kind} at all"),
        None => format!("it has {}", known.join(", ")),
    };
    Some(Complaint::said(format!("the plugin has no {kind} `{wanted}`")).hint(hint))
}

pub(super) fn numbered(case: &Case, idx: usize, complaint: Complaint) -> Complaint {
    Complaint {
        step: (case.steps.len() > 1).then_some(idx + 1),
        ..complaint
    }
}
