//! Holding what happened against what a case expects.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cases::{Budget, Expect};
use super::matchers::{Mismatch, TextMatcher, quoted};
use super::report::Complaint;
use super::{Answer, Asked};
use crate::permissions::{Attempt, SystemPower};
use crate::runtime::{Cut, LogLine, Tried, Usage};

/// What is not as expected of how a call ended.
pub(super) fn ending(expect: &Expect, ended: &Result<Asked<Answer>, String>) -> Vec<Complaint> {
    match (ended, &expect.fails, &expect.questions) {
        (Ok(Asked::Answer(answer)), None, None) => of_answer(expect, answer),
        (Err(words), Some(matcher), _) => {
            let mismatch = matcher.check(words);
            mismatch
                .map(|mismatch| about("the failure", mismatch))
                .into_iter()
                .collect()
        }
        (Ok(Asked::Questions(questions)), _, Some(pattern)) => {
            let mismatch = pattern.check(questions);
            mismatch
                .map(|mismatch| about("the questions", mismatch))
                .into_iter()
                .collect()
        }
        (Err(words), ..) => vec![
            Complaint::said(format!("there is no answer: {words}"))
                .hint("where that is right, write `fails` with a part of these words"),
        ],
        (Ok(Asked::Questions(questions)), ..) => vec![
            Complaint::said(format!(
                "the plugin asks, and the case has no answer: {questions}"
            ))
            .hint("write `answers`, or `questions` where the call is to end with them"),
        ],
        (Ok(Asked::Answer(answer)), ..) => {
            let wanted = if expect.fails.is_some() {
                "fail"
            } else {
                "ask"
            };
            vec![Complaint::said(format!(
                "the call should {wanted}, and there is an answer: {}",
                quoted(&answer.text)
            ))]
        }
    }
}

fn of_answer(expect: &Expect, answer: &Answer) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    match (expect.error, answer.is_error) {
        (false, true) => complaints.push(
            Complaint::said(format!("the tool says no: {}", quoted(&answer.text)))
                .hint("where that is right, write `error = true`"),
        ),
        (true, false) => complaints.push(Complaint::said(format!(
            "the tool should say no, and it answers: {}",
            quoted(&answer.text)
        ))),
        _ => {}
    }
    if let Some(mismatch) = expect
        .text
        .as_ref()
        .and_then(|text| text.check(&answer.text))
    {
        complaints.push(about("the text", mismatch));
    }
    match (&expect.json, &answer.json) {
        (None, _) => {}
        (Some(pattern), Some(json)) => {
            if let Some(mismatch) = pattern.check(json) {
                complaints.push(
                    about("the structured content", mismatch).hint(format!("it is {}", cut(json))),
                );
            }
        }
        (Some(_), None) => complaints.push(Complaint::said(format!(
            "there is no structured content, and the text is not JSON: {}",
            quoted(&answer.text)
        ))),
    }
    complaints
}

/// JSON on a line, as far as a person reads it.
fn cut(json: &Value) -> String {
    /// A few lines of a terminal.
    const SHOWN_CHARS_MAX: usize = 500;
    let text = json.to_string();
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// What is not as expected of what a call tried. What the plugin tried while it started counts for its first call.
pub(super) fn tried(expect: &Expect, started: &[Tried], tried: &[Tried]) -> Vec<Complaint> {
    let of = |is_permitted: bool| -> BTreeSet<&Attempt> {
        let some = started
            .iter()
            .chain(tried)
            .filter(|tried| tried.is_permitted == is_permitted);
        some.map(|tried| &tried.attempt).collect()
    };
    let (refused, permitted) = (of(false), of(true));
    let called = |attempt: &Attempt| tried.iter().any(|tried| tried.attempt == *attempt);
    let expected: BTreeSet<_> = expect.refused.iter().collect();
    let mut complaints = Vec::new();
    for attempt in refused.difference(&expected) {
        let hint = match attempt {
            Attempt::System(SystemPower::Clock | SystemPower::Random) => {
                "leave it out of `withhold`; where it has to be refused, write it under `refused`"
            }
            _ => {
                "give it under `allow`, as far as plugin.json asks for it; where it has to be refused, write it under \
                 `refused`"
            }
        };
        let when = match called(attempt) {
            true => "",
            false => " while the plugin starts",
        };
        complaints.push(Complaint::said(format!("`{attempt}` is refused{when}")).hint(hint));
    }
    for attempt in expected.difference(&refused) {
        let hint = match permitted.contains(*attempt) {
            true => "it was tried, and is permitted",
            false => "it was not tried",
        };
        complaints.push(Complaint::said(format!("`{attempt}` is not refused")).hint(hint));
    }
    for attempt in expect
        .used
        .iter()
        .filter(|attempt| !permitted.contains(attempt))
    {
        let hint = match refused.contains(attempt) {
            true => "it was tried, and is refused".to_owned(),
            false if permitted.is_empty() => "no permission is used".to_owned(),
            false => {
                let used: Vec<_> = permitted
                    .iter()
                    .map(|attempt| format!("`{attempt}`"))
                    .collect();
                format!("used are {}", used.join(", "))
            }
        };
        complaints.push(Complaint::said(format!("`{attempt}` is not used")).hint(hint));
    }
    complaints
}

/// What cannot be said of a call, since more happened than is remembered.
pub(super) fn forgotten(expect: &Expect, cut: Cut) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    if cut.attempts {
        complaints.push(
            Complaint::said("more is tried that needs permission than is remembered, so nobody knows what is refused")
                .hint("divide the call, so that it asks for less"),
        );
    }
    if cut.lines && expect.log.is_some() {
        complaints.push(
            Complaint::said("more is logged than is remembered, so `log` says nothing")
                .hint("let the call log less, or leave out `log`"),
        );
    }
    complaints
}

/// What a plugin was refused while it ended that its last call does not expect.
pub(super) fn farewell(expect: &Expect, tried: &[Tried]) -> Vec<Complaint> {
    let refused = tried.iter().filter(|tried| !tried.is_permitted);
    let unexpected = refused.filter(|tried| !expect.refused.contains(&tried.attempt));
    let complaint = |tried: &Tried| {
        Complaint::said(format!("`{}` is refused while the plugin ends", tried.attempt)).hint(
            "give it under `allow`, as far as plugin.json asks for it; where it has to be refused, write it under `refused`",
        )
    };
    unexpected.map(complaint).collect()
}

/// What is not as expected of the log.
pub(super) fn log(expect: &Expect, lines: &[LogLine]) -> Option<Complaint> {
    let lines: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
    let mismatch = expect.log.as_ref()?.check(&lines.join("\n"))?;
    Some(about("the log", mismatch))
}

/// What is not as expected of one value of the store afterwards.
pub(super) fn value(
    key: &str,
    matcher: Option<&TextMatcher>,
    value: Result<Option<String>, String>,
) -> Option<Complaint> {
    let what = format!("the value of `{}`", key.escape_debug());
    match (matcher, value) {
        (_, Err(problem)) => Some(Complaint::said(format!("{what} cannot be read: {problem}"))),
        (None, Ok(None)) => None,
        (None, Ok(Some(value))) => Some(Complaint::said(format!(
            "{what} is {}, and there should be none",
            quoted(&value)
        ))),
        (Some(_), Ok(None)) => Some(Complaint::said(format!("{what} is not there"))),
        (Some(matcher), Ok(Some(value))) => {
            let mismatch = matcher.check(&value)?;
            Some(about(&what, mismatch))
        }
    }
}

/// What a call used over its budget: what fails the case, and what is only worth knowing. Fuel and memory are the same on
/// every machine; time is not, and fails a case only where the caller asks for it.
pub(super) fn budget(
    budget: &Budget,
    usage: &Usage,
    is_time_strict: bool,
) -> (Vec<Complaint>, Vec<String>) {
    let over = |name: &str, used: u64, allowed: Option<u64>| {
        let allowed = allowed.filter(|allowed| used > *allowed)?;
        Some(format!("`{name}` is {used}, and the budget is {allowed}"))
    };
    let firm = [
        over("fuel", usage.fuel, budget.fuel),
        over("memory_bytes", usage.memory_bytes, budget.memory_bytes),
    ];
    let mut complaints: Vec<_> = firm.into_iter().flatten().map(Complaint::said).collect();
    let mut notes = Vec::new();
    if let Some(late) = over("call_ms", usage.wall_us.div_ceil(1_000), budget.call_ms) {
        match is_time_strict {
            true => complaints.push(Complaint::said(late)),
            false => notes.push(late),
        }
    }
    (complaints, notes)
}

fn about(what: &str, mismatch: Mismatch) -> Complaint {
    let complaint = Complaint::said(format!("{what}: {}", mismatch.said));
    match mismatch.versus {
        Some((expected, actual)) => complaint.versus(&expected, &actual),
        None => complaint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(text: &str) -> Attempt {
        text.parse().unwrap()
    }

    #[test]
    fn a_refusal_is_expected_by_its_name_or_it_is_a_complaint() {
        let tried_both = [
            Tried {
                attempt: attempt("GET https://a.b/"),
                is_permitted: true,
            },
            Tried {
                attempt: attempt("storage cache"),
                is_permitted: false,
            },
        ];
        let check = |refused: &[&str], used: &[&str], expected: &[&str]| {
            let expect = Expect {
                refused: refused.iter().map(|text| attempt(text)).collect(),
                used: used.iter().map(|text| attempt(text)).collect(),
                ..Expect::default()
            };
            let said: Vec<_> = tried(&expect, &[], &tried_both)
                .into_iter()
                .map(|complaint| complaint.said)
                .collect();
            assert_eq!(said, expected);
        };
        check(&["storage cache"], &["GET https://a.b/"], &[]);
        check(&[], &[], &["`storage cache` is refused"]);
        check(
            &["storage cache", "env:A"],
            &[],
            &["`env:A` is not refused"],
        );
        check(
            &["storage cache", "GET https://a.b/"],
            &[],
            &["`GET https://a.b/` is not refused"],
        );
        check(
            &["storage cache"],
            &["storage cache"],
            &["`storage cache` is not used"],
        );
    }

    #[test]
    fn what_is_tried_before_the_first_call_counts_for_it() {
        let refused = [Tried {
            attempt: attempt("GET https://evil.example/"),
            is_permitted: false,
        }];
        let mut expect = Expect::default();
        let said = |expect: &Expect, started: &[Tried], called: &[Tried]| {
            let complaints = tried(expect, started, called);
            complaints.first().map(|complaint| complaint.said.clone())
        };
        let sentence = "`GET https://evil.example/` is refused";
        assert_eq!(said(&expect, &[], &refused).as_deref(), Some(sentence));
        let while_it_starts = format!("{sentence} while the plugin starts");
        assert_eq!(said(&expect, &refused, &[]), Some(while_it_starts));
        assert_eq!(farewell(&expect, &refused).len(), 1);
        expect.refused.push(attempt("GET https://evil.example/"));
        assert_eq!(said(&expect, &refused, &[]), None);
        assert_eq!(farewell(&expect, &refused), []);
    }

    #[test]
    fn what_is_forgotten_is_a_complaint_where_something_is_expected_of_it() {
        let silent = Expect::default();
        let listening = Expect {
            log: Some(TextMatcher::containing("x")),
            ..Expect::default()
        };
        let (attempts, lines) = (
            Cut {
                attempts: true,
                ..Cut::default()
            },
            Cut {
                lines: true,
                ..Cut::default()
            },
        );
        let check = |expect: &Expect, cut, n| assert_eq!(forgotten(expect, cut).len(), n);
        check(&silent, Cut::default(), 0);
        check(&silent, attempts, 1);
        check(&silent, lines, 0);
        check(&listening, lines, 1);
    }

    #[test]
    fn fuel_and_memory_are_firm_and_time_only_where_it_is_asked_for() {
        let usage = Usage {
            fuel: 10,
            memory_bytes: 20,
            wall_us: 2_001,
            ..Usage::default()
        };
        let check = |fuel, memory_bytes, call_ms, strict, n_complaints, n_notes| {
            let budget_of = Budget {
                fuel: Some(fuel),
                memory_bytes: Some(memory_bytes),
                call_ms: Some(call_ms),
            };
            let (complaints, notes) = budget(&budget_of, &usage, strict);
            assert_eq!((complaints.len(), notes.len()), (n_complaints, n_notes));
        };
        check(10, 20, 3, true, 0, 0);
        check(9, 20, 3, true, 1, 0);
        check(10, 19, 3, true, 1, 0);
        check(10, 20, 2, true, 1, 0);
        check(10, 20, 2, false, 0, 1);
        assert_eq!(budget(&Budget::default(), &usage, true), (vec![], vec![]));
    }
}
