use serde_json::json;

use super::*;
use crate::contract::{ClientCapabilities, Principal};
use crate::runtime::{Compiler, Engine};

fn premises(dir: Option<&std::path::Path>) -> Premises {
    let engine = Engine::new(Compiler::InProcess, None).expect("the engine starts");
    let network = crate::network::Network::default();
    Premises::new(engine, network, dir.map(Into::into), Vec::new())
}

fn who(subject: Option<&str>) -> Caller {
    Caller::of(&Context {
        capabilities: ClientCapabilities {
            elicitation_form: true,
            ..Default::default()
        },
        principal: subject.map(|subject| Principal {
            subject: subject.to_owned(),
            scopes: Vec::new(),
        }),
        ..Context::default()
    })
}

fn form(field: &str) -> InputRequest {
    let schema =
        json!({"type": "object", "required": [field], "properties": {field: {"type": "string"}}});
    InputRequest::Form {
        message: "?".to_owned(),
        schema: schema.as_object().cloned().unwrap_or_default(),
    }
}

fn questions(keys: &[&str]) -> InputRequired {
    InputRequired {
        requests: keys
            .iter()
            .map(|key| ((*key).to_owned(), form("x")))
            .collect(),
        state: Some(b"kept".to_vec()),
    }
}

fn accept() -> Value {
    json!({"action": "accept", "content": {"x": "y"}})
}

fn back(asked: &Asked, responses: &[(&str, Value)]) -> Retry {
    Retry {
        responses: responses
            .iter()
            .map(|(key, response)| ((*key).to_owned(), response.clone()))
            .collect(),
        state: Some(asked.state.clone()),
    }
}

fn bound<'a>(subject: &'a str, arguments: &'a Value, caller: &'a Caller) -> Bound<'a> {
    Bound {
        method: "tools/call",
        subject,
        arguments,
        component: Digest::of(b"a component"),
        former: &[],
        caller,
    }
}

fn rounds(premises: &Premises) -> Rounds<'_> {
    Rounds {
        premises,
        answer_wait_ms: 60_000,
    }
}

#[test]
fn a_state_brings_the_plugins_own_and_the_responses_back() {
    let premises = premises(None);
    let (arguments, caller) = (json!({"a": 1}), who(None));
    let bound = bound("t", &arguments, &caller);
    let asked = rounds(&premises)
        .questions(bound, 0, questions(&["a", "b"]))
        .expect("it asks");
    let retry = back(
        &asked,
        &[("a", accept()), ("b", accept()), ("extra", json!(1))],
    );
    let Ok(Begin::Call(continuation, 1)) = rounds(&premises).begin(bound, retry) else {
        panic!("the plugin is called");
    };
    assert_eq!(continuation.state.as_deref(), Some(&b"kept"[..]));
    let keys: Vec<_> = continuation
        .responses
        .iter()
        .map(|(key, _)| &**key)
        .collect();
    assert_eq!(keys, ["a", "b"]);
}

#[test]
fn what_is_missing_or_ill_formed_is_asked_again_and_the_rest_is_kept() {
    let premises = premises(None);
    let (arguments, caller) = (json!({}), who(None));
    let bound = bound("t", &arguments, &caller);
    let asked = rounds(&premises)
        .questions(bound, 0, questions(&["a", "b", "c"]))
        .expect("it asks");
    let retry = back(&asked, &[("a", accept()), ("b", json!("y"))]);
    let Ok(Begin::Ask(again)) = rounds(&premises).begin(bound, retry) else {
        panic!("something is missing");
    };
    let keys: Vec<_> = again.requests.iter().map(|(key, _)| &**key).collect();
    assert_eq!(keys, ["b", "c"]);
    let retry = back(&again, &[("b", accept()), ("c", accept())]);
    let Ok(Begin::Call(continuation, _)) = rounds(&premises).begin(bound, retry) else {
        panic!("nothing is missing");
    };
    assert_eq!(continuation.responses.len(), 3);
}

#[test]
fn a_state_is_good_for_one_call_of_one_principal_and_one_component() {
    let premises = premises(None);
    let (arguments, caller) = (json!({"a": 1}), who(Some("ada")));
    let right = bound("t", &arguments, &caller);
    let asked = rounds(&premises)
        .questions(right, 0, questions(&["a"]))
        .expect("it asks");
    let good = |bound: Bound<'_>| {
        let retry = back(&asked, &[("a", accept())]);
        rounds(&premises).begin(bound, retry).is_ok()
    };
    assert!(good(right));
    let (eve, nobody) = (who(Some("eve")), who(None));
    let other = json!({"a": 2});
    for wrong in [
        bound("u", &arguments, &caller),
        bound("t", &other, &caller),
        bound("t", &arguments, &eve),
        bound("t", &arguments, &nobody),
        Bound {
            method: "prompts/get",
            ..right
        },
        Bound {
            component: Digest::of(b"another"),
            ..right
        },
    ] {
        assert!(!good(wrong), "{wrong:?}");
    }
}

#[test]
fn a_forged_or_void_state_is_refused() {
    let premises = premises(None);
    let (arguments, caller) = (json!({}), who(None));
    let bound = bound("t", &arguments, &caller);
    let asked = rounds(&premises)
        .questions(bound, 0, questions(&["a"]))
        .expect("it asks");
    let refused = |state: String| {
        let retry = Retry {
            state: Some(state),
            ..Retry::default()
        };
        matches!(
            rounds(&premises).begin(bound, retry),
            Err(CallError::BadState)
        )
    };
    assert!(refused(String::new()));
    assert!(refused(format!("{}-TAMPERED", asked.state)));
    assert!(refused("A".repeat(SEALED_BYTES_MAX + 1)));
    let void = Sealed {
        until: 1,
        round: 1,
        questions: questions(&["a"]),
        answered: Vec::new(),
    };
    let void = serde_json::to_vec(&void).expect("it is JSON");
    let seal = premises.seal().expect("there is a seal");
    assert!(refused(
        seal.seal(&bound.purpose(), &void).expect("it is sealed")
    ));
}

#[test]
fn a_state_outlives_the_host() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let state = dir.path().join("state");
    let (arguments, caller) = (json!({}), who(None));
    let bound = bound("t", &arguments, &caller);
    let asked = rounds(&premises(Some(&state)))
        .questions(bound, 0, questions(&["a"]))
        .expect("it asks");
    let retry = back(&asked, &[("a", accept())]);
    let later = premises(Some(&state));
    assert!(matches!(
        rounds(&later).begin(bound, retry),
        Ok(Begin::Call(_, 1))
    ));
}

#[test]
fn a_call_goes_through_a_bounded_number_of_rounds() {
    let premises = premises(None);
    let (arguments, caller) = (json!({}), who(None));
    let bound = bound("t", &arguments, &caller);
    let mut asked = rounds(&premises)
        .questions(bound, 0, questions(&["a"]))
        .expect("it asks");
    for _ in 1..ROUNDS_MAX {
        match rounds(&premises).begin(bound, back(&asked, &[])) {
            Ok(Begin::Ask(again)) => asked = again,
            _ => panic!("it asks again"),
        }
    }
    assert!(matches!(
        rounds(&premises).begin(bound, back(&asked, &[])),
        Err(CallError::TooManyRounds)
    ));
}

#[test]
fn responses_without_a_state_answer_nothing() {
    let premises = premises(None);
    let (arguments, caller) = (json!({}), who(None));
    let retry = Retry {
        responses: BTreeMap::from([("a".to_owned(), accept())]),
        state: None,
    };
    let Ok(Begin::Call(continuation, 0)) =
        rounds(&premises).begin(bound("t", &arguments, &caller), retry)
    else {
        panic!("it is a first round");
    };
    assert_eq!(continuation, Continuation::default());
}

#[test]
fn responses_are_bounded() {
    let premises = premises(None);
    let (arguments, caller) = (json!({}), who(None));
    let bound = bound("t", &arguments, &caller);
    let asked = rounds(&premises)
        .questions(bound, 0, questions(&["a"]))
        .expect("it asks");
    let long = json!({"action": "accept", "content": {"x": "y".repeat(RESPONSES_BYTES_MAX)}});
    assert!(matches!(
        rounds(&premises).begin(bound, back(&asked, &[("a", long)])),
        Err(CallError::BadArguments(_))
    ));
}
