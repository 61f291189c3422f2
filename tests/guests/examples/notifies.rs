//! Says in the middle of a call, and more than once, that lists and resources changed; one of the resources is not its
//! own.

use portcullis_test_guests::*;

struct Notifies;

impl Trick for Notifies {
    const NAME: &str = "notifies";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        for _ in 0..3 {
            notify::list_changed(notify::ListKind::Tools);
            notify::list_changed(notify::ListKind::Resources);
            notify::list_changed(notify::ListKind::Prompts);
            notify::resource_updated("notifies://mine");
            notify::resource_updated("echo://hello");
        }
        answer("said so")
    }
}

impl resources::Guest for Notifies {
    fn list(_cursor: Option<String>) -> Result<resources::ResourcePage, Error> {
        Ok(resource_page(vec![resource("notifies://mine")]))
    }

    fn list_templates(_cursor: Option<String>) -> Result<resources::TemplatePage, Error> {
        Ok(template_page(&[]))
    }

    fn read(
        request: resources::ReadRequest,
        _context: Context,
    ) -> Result<resources::ReadOutcome, Error> {
        read(vec![contents(request.uri, "changed again")])
    }
}

export!(Notifies: tools, resources);
