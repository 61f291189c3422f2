//! Has one tool more after `grow`, and one less after `shrink`, and says each time that its list changed.

use portcullis_test_guests::*;

/// Where the host looks for a manifest that travels inside the component.
#[used]
#[cfg_attr(target_family = "wasm", unsafe(link_section = "portcullis:manifest"))]
static MANIFEST: [u8; include_bytes!("grows.json").len()] = *include_bytes!("grows.json");

/// Where it keeps that it has grown. The calls come in fresh instances, so its memory would not do.
const GROWN: &str = "grown";

struct Grows;

impl tools::Guest for Grows {
    fn list(_cursor: Option<String>) -> Result<ToolPage, Error> {
        let names: &[&str] = match key_value::exists(GROWN) {
            Ok(true) => &["grow", "shrink", "leaf"],
            _ => &["grow", "shrink"],
        };
        Ok(page(names.iter().map(|name| tool(*name)).collect()))
    }

    fn call(request: CallRequest, _context: Context) -> Outcome {
        let kept = match request.name.as_str() {
            "grow" => key_value::set(GROWN, b"yes"),
            "shrink" => key_value::delete(GROWN),
            "leaf" => return answer("rustles"),
            _ => return answer("pong"),
        };
        if let Err(error) = kept {
            let reason = format!("it cannot keep how tall it is: {error:?}");
            return Err(Error::Other(Some(reason)));
        }
        notify::list_changed(notify::ListKind::Tools);
        answer("done")
    }
}

export!(Grows: tools);
