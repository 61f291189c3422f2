//! Leaving a plugin's secrets out of what it says, once for each kind of thing it can say.
//!
//! It happens after the claims were checked, so that what is redacted is what is passed on.

use super::failure::FailureKind;
use crate::contract::{
    Annotations, Body, Content, Contents, Icon, InputRequest, InputRequired, JsonObject, Lists,
    Outcome, PluginError, PromptResult, ReadResult, ResourceLink, Suggestions, TaskStart,
    ToolOutcome, ToolResult,
};
use crate::permissions::{Attempt, Denial, Target};
use crate::secrets::Redactor;

/// Something that may have a secret in it.
pub(super) trait Redact {
    /// Takes the secrets out.
    fn redact(&mut self, redactor: &Redactor);
}

impl Redact for String {
    fn redact(&mut self, redactor: &Redactor) {
        redactor.redact_string(self);
    }
}

impl Redact for Vec<u8> {
    fn redact(&mut self, redactor: &Redactor) {
        if let std::borrow::Cow::Owned(redacted) = redactor.redact_bytes(self) {
            *self = redacted;
        }
    }
}

impl Redact for serde_json::Value {
    fn redact(&mut self, redactor: &Redactor) {
        redactor.redact_json(self);
    }
}

impl Redact for JsonObject {
    fn redact(&mut self, redactor: &Redactor) {
        redactor.redact_object(self);
    }
}

impl<T: Redact> Redact for Option<T> {
    fn redact(&mut self, redactor: &Redactor) {
        self.iter_mut().for_each(|it| it.redact(redactor));
    }
}

/// Lists of things; a list of bytes is a blob, and has its own way.
fn each<T: Redact>(items: &mut [T], redactor: &Redactor) {
    items.iter_mut().for_each(|item| item.redact(redactor));
}

impl<T: Redact, E: Redact> Redact for Result<T, E> {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Ok(value) => value.redact(redactor),
            Err(error) => error.redact(redactor),
        }
    }
}

impl<T: Redact> Redact for Outcome<T> {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Complete(value) => value.redact(redactor),
            Self::InputRequired(round) => round.redact(redactor),
        }
    }
}

impl Redact for ToolOutcome {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Result(result) => result.redact(redactor),
            Self::Task(start) => start.redact(redactor),
        }
    }
}

// The state of a round or a task stays as it is: nobody but the plugin and the host ever reads it.
impl Redact for TaskStart {
    fn redact(&mut self, redactor: &Redactor) {
        self.status.redact(redactor);
    }
}

impl Redact for InputRequired {
    fn redact(&mut self, redactor: &Redactor) {
        for (key, request) in &mut self.requests {
            key.redact(redactor);
            match request {
                InputRequest::Form { message, schema } => {
                    message.redact(redactor);
                    schema.redact(redactor);
                }
                InputRequest::Page { message, url } => {
                    message.redact(redactor);
                    url.redact(redactor);
                }
                InputRequest::Sample(request) => request.redact(redactor),
                InputRequest::Roots => {}
            }
        }
    }
}

impl Redact for ToolResult {
    fn redact(&mut self, redactor: &Redactor) {
        let Self {
            content,
            structured,
            is_error: _,
            meta,
        } = self;
        each(content, redactor);
        structured.redact(redactor);
        meta.redact(redactor);
    }
}

impl Redact for ReadResult {
    fn redact(&mut self, redactor: &Redactor) {
        let Self {
            contents,
            cache: _,
            meta,
        } = self;
        each(contents, redactor);
        meta.redact(redactor);
    }
}

impl Redact for PromptResult {
    fn redact(&mut self, redactor: &Redactor) {
        let Self {
            description,
            messages,
            meta,
        } = self;
        description.redact(redactor);
        for message in messages {
            message.content.redact(redactor);
        }
        meta.redact(redactor);
    }
}

impl Redact for Suggestions {
    fn redact(&mut self, redactor: &Redactor) {
        each(&mut self.values, redactor);
    }
}

impl Redact for Content {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Text {
                text,
                annotations,
                meta,
            } => {
                text.redact(redactor);
                annotations.redact(redactor);
                meta.redact(redactor);
            }
            Self::Image(media) | Self::Audio(media) => {
                media.data.redact(redactor);
                media.mime_type.redact(redactor);
                media.annotations.redact(redactor);
                media.meta.redact(redactor);
            }
            Self::ResourceLink(link) => link.redact(redactor),
            Self::Embedded {
                resource,
                annotations,
                meta,
            } => {
                resource.redact(redactor);
                annotations.redact(redactor);
                meta.redact(redactor);
            }
        }
    }
}

impl Redact for Contents {
    fn redact(&mut self, redactor: &Redactor) {
        let Self {
            uri,
            mime_type,
            body,
            meta,
        } = self;
        uri.redact(redactor);
        mime_type.redact(redactor);
        match body {
            Body::Text(text) => text.redact(redactor),
            Body::Blob(blob) => blob.redact(redactor),
        }
        meta.redact(redactor);
    }
}

impl Redact for ResourceLink {
    fn redact(&mut self, redactor: &Redactor) {
        let Self {
            uri,
            name,
            title,
            description,
            mime_type,
            size: _,
            annotations,
            icons,
            meta,
        } = self;
        uri.redact(redactor);
        name.redact(redactor);
        title.redact(redactor);
        description.redact(redactor);
        mime_type.redact(redactor);
        annotations.redact(redactor);
        each(icons, redactor);
        meta.redact(redactor);
    }
}

impl Redact for Annotations {
    fn redact(&mut self, redactor: &Redactor) {
        self.last_modified.redact(redactor);
    }
}

impl Redact for Icon {
    fn redact(&mut self, redactor: &Redactor) {
        self.src.redact(redactor);
        self.mime_type.redact(redactor);
        each(&mut self.sizes, redactor);
    }
}

impl Redact for PluginError {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::InvalidParams(text)
            | Self::NotFound(text)
            | Self::Denied(text)
            | Self::Unavailable(text) => text.redact(redactor),
            Self::MissingCapability(capability) => capability.redact(redactor),
            Self::Custom {
                code: _,
                message,
                data,
            } => {
                message.redact(redactor);
                data.redact(redactor);
            }
            Self::Other(text) => text.redact(redactor),
        }
    }
}

impl Redact for FailureKind {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Trap { reason } => reason.redact(redactor),
            Self::OtherShape(text) | Self::Nonsense(text) | Self::Inactive(text) => {
                text.redact(redactor);
            }
            _ => {}
        }
    }
}

/// Takes the secrets out of a refusal: a guest may have put one into the address it tried.
pub(super) fn denial(redactor: &Redactor, denial: &mut Denial) {
    attempt(redactor, &mut denial.attempt);
    denial.because.redact(redactor);
    for remedy in &mut denial.remedies {
        remedy.lines.redact(redactor);
    }
}

/// The same for what was tried.
pub(super) fn attempt(redactor: &Redactor, attempt: &mut Attempt) {
    if let Attempt::Http(attempt) = attempt {
        attempt.method.redact(redactor);
        attempt.path.redact(redactor);
        if let Target::Name(name) = &mut attempt.host {
            name.redact(redactor);
        }
    }
}

/// Whether a secret is in what a plugin lists. Lists are kept on disk and shown to everybody, and nobody would understand
/// one with holes in it.
pub(super) fn stands_in(redactor: &Redactor, lists: &Lists) -> bool {
    let Ok(before) = serde_json::to_value(lists) else {
        return false;
    };
    let mut after = before.clone();
    redactor.redact_json(&mut after);
    before != after
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::permissions::{HttpAttempt, Key, Remedy};
    use crate::secrets::{Reference, Secrets, Source};

    fn redactor() -> Redactor {
        // Such a file is made with mode 600.
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hunter22").unwrap();
        let source = Source::File(file.path().to_owned());
        let binding = None;
        let references = BTreeMap::from([("key".to_owned(), Reference { source, binding })]);
        Secrets::read(&references).unwrap().redactor().unwrap()
    }

    #[test]
    fn a_refusal_shows_no_secret_that_a_guest_put_into_the_address() {
        let mut denial = Denial {
            plugin: "plugin".parse().unwrap(),
            attempt: Attempt::Http(HttpAttempt {
                method: "HUNTER22".to_owned(),
                is_secure: true,
                host: Target::Name("hunter22.evil.example".to_owned()),
                port: 443,
                path: "/x/%68%75%6e%74%65%72%32%32/aHVudGVyMjI=".to_owned(),
            }),
            missing: vec![Key::Grant],
            because: Some("hunter22".to_owned()),
            remedies: vec![Remedy {
                file: "portcullis.toml",
                lines: "network = [\"hunter22.evil.example\"]".to_owned(),
            }],
        };
        super::denial(&redactor(), &mut denial);
        let shown = format!("{denial} {denial:?}");
        for form in ["hunter22", "%68%75", "aHVudGVyMj"] {
            assert!(!shown.contains(form), "{shown}");
        }
        assert!(shown.contains("evil.example"), "{shown}");
    }

    #[test]
    fn a_failure_shows_no_secret() {
        let text = || "it said: hunter22".to_owned();
        for mut kind in [
            FailureKind::Trap { reason: text() },
            FailureKind::OtherShape(text()),
            FailureKind::Nonsense(text()),
            FailureKind::Inactive(text()),
        ] {
            kind.redact(&redactor());
            let shown = format!("{kind} {kind:?}");
            assert!(shown.contains("it said: [secret key]"), "{shown}");
            assert!(!shown.contains("hunter22"), "{shown}");
        }
    }
}
