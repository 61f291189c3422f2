//! Has a question in the first round and answers in the second with the state and the response it got.

use portcullis_test_guests::*;

struct Asks;

impl Trick for Asks {
    const NAME: &str = "asks";

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let continuation = request.continuation;
        let Some(state) = continuation.state else {
            return Ok(CallOutcome::InputRequired(InputRequired {
                requests: vec![("name".into(), InputRequest::ElicitForm(form()))],
                state: Some(b"first round".to_vec()),
            }));
        };
        let state = String::from_utf8_lossy(&state).into_owned();
        match continuation
            .responses
            .into_iter()
            .find(|(key, _)| key == "name")
        {
            Some((_, InputResponse::Accepted(name))) => {
                answer(format!("after the {state}: {name}"))
            }
            Some((_, InputResponse::Declined)) => answer(format!("after the {state}: declined")),
            Some((_, InputResponse::Cancelled)) => answer(format!("after the {state}: cancelled")),
            Some(_) => answer(format!("after the {state}: something else")),
            None => answer(format!("after the {state}: nothing")),
        }
    }
}

export!(Asks: tools);

fn form() -> Form {
    Form {
        message: "What is your name?".into(),
        schema: r#"{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}"#
            .into(),
    }
}
