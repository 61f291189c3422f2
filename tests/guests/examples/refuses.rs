//! Says no in every way there is: an answer that is a no, and each case of the contract's error.

use portcullis_test_guests::*;

struct Refuses;

impl Trick for Refuses {
    const NAME: &str = "refuse";

    fn tools() -> Vec<Tool> {
        let fails =
            r#"{"type":"object","properties":{"kind":{"type":"string"}},"required":["kind"]}"#;
        vec![tool(Self::NAME), tool_taking("fails", fails)]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        if request.name == Self::NAME {
            let no = ToolResult {
                is_error: true,
                ..said("no; try `ping` instead")
            };
            return Ok(CallOutcome::Complete(no));
        }
        let kind = argument(&request, "kind");
        Err(match kind.as_str().unwrap_or_default() {
            "invalid-params" => Error::InvalidParams("it makes no sense".into()),
            "not-found" => Error::NotFound("it".into()),
            "missing-capability" => Error::MissingCapability(r#"{"sampling":{}}"#.into()),
            "denied" => Error::Denied("network to `api.example.com`".into()),
            "unavailable" => Error::Unavailable("the tide".into()),
            "custom" => Error::Custom(CustomError {
                code: 42,
                message: "an error of its own".into(),
                data: Some(r#"{"answer":42}"#.into()),
            }),
            "other" => Error::Other(Some("something else".into())),
            _ => Error::Other(None),
        })
    }
}

export!(Refuses: tools);
