//! Claims the same resource and the same tool name as `clash_a`.

use portcullis_test_guests::*;
use resources::{ReadOutcome, ReadRequest, ResourcePage, TemplatePage};

struct ClashB;

impl Trick for ClashB {
    const NAME: &str = "same";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        answer("b")
    }
}

impl resources::Guest for ClashB {
    fn list(_cursor: Option<String>) -> Result<ResourcePage, Error> {
        Ok(resource_page(vec![resource("clash://same")]))
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, Error> {
        Ok(template_page(&[]))
    }

    fn read(request: ReadRequest, _context: Context) -> Result<ReadOutcome, Error> {
        read(vec![contents(request.uri, "b")])
    }
}

export!(ClashB: tools, resources);
