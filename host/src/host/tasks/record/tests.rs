use serde_json::json;

use super::*;
use crate::contract::JsonObject;
use crate::limits::TASK_ATTEMPTS_MAX;

fn record() -> Record {
    let begun = Begun {
        component: Digest::of(b"component"),
        tool: "work".parse().expect("a name"),
        context: Context::default(),
        ttl_ms_max: 1_000,
        now_ms: 5,
    };
    Record::new(begun, TaskStart::default())
}

fn row(record: &Record) -> TaskRow {
    TaskRow {
        plugin: "demo".parse().expect("a name"),
        expires_ms: record.expires_ms(),
        phase: record.phase(),
        runner: Some("host".to_owned()),
        record: record.to_bytes(),
    }
}

fn asking() -> Record {
    let mut record = record();
    let page = InputRequest::Page {
        message: "?".to_owned(),
        url: "https://example.com/".to_owned(),
    };
    let asked = InputRequired {
        requests: vec![("a".to_owned(), page)],
        state: Some(vec![7]),
    };
    record.ask(asked, 50);
    record
}

fn yes(key: &str) -> BTreeMap<String, Value> {
    BTreeMap::from([(key.to_owned(), json!({"action": "accept"}))])
}

#[test]
fn what_a_plugin_wishes_is_kept_within_bounds() {
    let check = |ttl_ms, poll_ms, expected: (u64, u64)| {
        let start = TaskStart {
            ttl_ms,
            poll_ms,
            ..TaskStart::default()
        };
        let begun = Begun {
            component: Digest::of(b""),
            tool: "work".parse().expect("a name"),
            context: Context::default(),
            ttl_ms_max: 1_000,
            now_ms: u64::MAX - 1,
        };
        let record = Record::new(begun, start);
        assert_eq!((record.ttl_ms, record.poll_ms), expected);
        assert_eq!(record.expires_ms(), u64::MAX);
    };
    check(None, None, (1_000, TASK_POLL_MS));
    check(Some(10), Some(100), (10, 100));
    check(Some(u64::MAX), Some(u64::MAX), (1_000, TASK_POLL_MS_MAX));
    check(Some(1), Some(0), (1, TASK_POLL_MS_MIN));
}

#[test]
fn a_task_that_is_over_takes_no_step() {
    let result = || ToolResult {
        structured: Some(Value::Null),
        ..ToolResult::default()
    };
    let failure = || TaskFailure::Failed("it broke".to_owned());
    let ends: [fn(&mut Record); 3] = [
        |record| {
            record.complete(ToolResult {
                structured: Some(Value::Null),
                ..ToolResult::default()
            });
        },
        |record| record.fail(TaskFailure::Lacks(JsonObject::new())),
        Record::cancel,
    ];
    for end in ends {
        let mut over = record();
        end(&mut over);
        assert_eq!(over.phase(), Phase::Ended);
        let kept = over.clone();
        over.complete(result());
        over.fail(failure());
        over.cancel();
        over.say("more".to_owned());
        over.ask(InputRequired::default(), 9);
        assert!(!over.answer(&yes("1-a")));
        assert_eq!(over, kept);
        // It is the same when it is read again.
        assert_eq!(Record::read(&row(&over)), Some(over));
    }
}

#[test]
fn questions_that_nobody_answered_end_a_task_when_somebody_looks() {
    let mut kept = row(&asking());
    assert_eq!(kept.phase, Phase::Waiting);
    let early = Record::edit(&mut kept, 49, |record, _| record.phase());
    assert_eq!(early, Some(Phase::Waiting));
    let late = Record::edit(&mut kept, 50, |record, _| record.answer(&yes("1-a")));
    assert_eq!(late, Some(false));
    assert_eq!((kept.phase, kept.runner), (Phase::Ended, None));
}

#[test]
fn an_answer_in_time_brings_back_the_state() {
    let mut record = asking();
    assert!(!record.answer(&yes("a")));
    assert!(record.answer(&yes("1-a")));
    let next = record.continuation().expect("it goes on");
    assert_eq!(next.state, Some(vec![7]));
    let accepted = InputResponse::Accepted(JsonObject::new());
    assert_eq!(next.responses, [("a".to_owned(), accepted)]);
}

#[test]
fn a_round_that_ended_is_not_one_that_was_tried() {
    let mut record = record();
    for n in 1..=TASK_ATTEMPTS_MAX {
        assert_eq!(record.attempt(), n);
    }
    record.ask(InputRequired::default(), 0);
    assert_eq!(record.attempt(), 1);
    record.forgive();
    assert_eq!(record.attempt(), 1);
    assert_eq!(record.round(), 1);
}

#[test]
fn what_makes_no_sense_is_no_task() {
    let mut kept = row(&record());
    kept.record = b"{}".to_vec();
    assert_eq!(Record::read(&kept), None);
    assert_eq!(Record::edit(&mut kept, 1, |_, _| ()), None);
}
