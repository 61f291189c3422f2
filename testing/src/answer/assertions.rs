//! What a test can say of an answer.

use portcullis::contract::Event;
use portcullis::permissions::Attempt;
use serde_json::Value;

use super::Answer;

impl Answer {
    /// It answered, and did not say no.
    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        match self.said() {
            Some(answer) if !answer.is_error => self,
            _ => self.fail("an answer that is no error"),
        }
    }

    /// It answered with exactly this text, and did not say no.
    #[track_caller]
    pub fn assert_text(&self, expected: &str) -> &Self {
        match self.assert_ok().text() == expected {
            true => self,
            false => self.fail(&format!("the text {}", super::quoted(expected))),
        }
    }

    /// It answered with a text in which this stands, and did not say no.
    #[track_caller]
    pub fn assert_text_contains(&self, part: &str) -> &Self {
        match self.assert_ok().text().contains(part) {
            true => self,
            false => self.fail(&format!("a text with {} in it", super::quoted(part))),
        }
    }

    /// It answered with exactly this for programs: structured content, or a text that is JSON.
    #[track_caller]
    pub fn assert_json(&self, expected: Value) -> &Self {
        match self.assert_ok().json() == expected {
            true => self,
            false => self.fail(&format!("the JSON {expected}")),
        }
    }

    /// What it answered for programs has this at a place, written as a JSON pointer such as `/items/0/name`.
    #[track_caller]
    pub fn assert_json_at(&self, pointer: &str, expected: Value) -> &Self {
        let json = self.assert_ok().json();
        match json.pointer(pointer) {
            Some(there) if *there == expected => self,
            Some(there) => self.fail(&format!("{expected} at `{pointer}`, where {there} is")),
            None => self.fail(&format!(
                "{expected} at `{pointer}`, where nothing is (hint: a pointer is `/` and a name or a number for each step)"
            )),
        }
    }

    /// It said no, with a text in which this stands.
    #[track_caller]
    pub fn assert_no(&self, part: &str) -> &Self {
        match self.said() {
            Some(answer) if answer.is_error && answer.text.contains(part) => self,
            _ => self.fail(&format!("a \"no\" with {} in it", super::quoted(part))),
        }
    }

    /// There was no answer, and the reason has this in it: unknown names, arguments that do not fit, the plugin's own error,
    /// a limit, a crash.
    #[track_caller]
    pub fn assert_failed(&self, part: &str) -> &Self {
        match &self.called.answer {
            Err(reason) if reason.contains(part) => self,
            _ => self.fail(&format!("a failure with {} in it", super::quoted(part))),
        }
    }

    /// It asked a question with this key, and the test did not answer.
    #[track_caller]
    pub fn assert_asks(&self, key: &str) -> &Self {
        let asked = self.questions().and_then(|questions| questions.get(key));
        match asked {
            Some(_) => self,
            None => self.fail(&format!("the question `{key}`")),
        }
    }

    /// It tried this, and was permitted: `GET https://example.com/x`, `storage key-value`, `env:LANG`.
    #[track_caller]
    pub fn assert_used(&self, attempt: &str) -> &Self {
        self.assert_attempt(attempt, true)
    }

    /// It tried this, and was refused.
    #[track_caller]
    pub fn assert_refused(&self, attempt: &str) -> &Self {
        self.assert_attempt(attempt, false)
    }

    #[track_caller]
    fn assert_attempt(&self, attempt: &str, is_permitted: bool) -> &Self {
        let wanted: Attempt = match attempt.parse() {
            Ok(wanted) => wanted,
            Err(error) => panic!("{error}"),
        };
        let mut tried = self.called.meanwhile.tried.iter();
        if tried.any(|tried| tried.attempt == wanted && tried.is_permitted == is_permitted) {
            return self;
        }
        let how = if is_permitted { "permitted" } else { "refused" };
        self.fail(&format!(
            "`{wanted}`, {how}; it tried {}",
            self.all_attempts()
        ))
    }

    /// It tried nothing that needs permission.
    #[track_caller]
    pub fn assert_tried_nothing(&self) -> &Self {
        match self.called.meanwhile.tried.is_empty() {
            true => self,
            false => self.fail(&format!(
                "no attempt at anything; it tried {}",
                self.all_attempts()
            )),
        }
    }

    fn all_attempts(&self) -> String {
        let tried = self.tried();
        let shown = tried.iter().map(|(attempt, is_permitted)| {
            let how = if *is_permitted {
                "permitted"
            } else {
                "refused"
            };
            format!("`{attempt}` ({how})")
        });
        match tried.is_empty() {
            true => "nothing".to_owned(),
            false => shown.collect::<Vec<_>>().join(", "),
        }
    }

    /// Each of its requests found its exchange.
    #[track_caller]
    pub fn assert_all_requests_answered(&self) -> &Self {
        match self.called.meanwhile.unmatched.is_empty() {
            true => self,
            false => self.fail("an exchange for each request"),
        }
    }

    /// It logged or printed a line in which this stands.
    #[track_caller]
    pub fn assert_logged(&self, part: &str) -> &Self {
        match self
            .called
            .meanwhile
            .log
            .iter()
            .any(|line| line.text.contains(part))
        {
            true => self,
            false => self.fail(&format!("a line with {} in the log", super::quoted(part))),
        }
    }

    /// It logged and printed nothing.
    #[track_caller]
    pub fn assert_logged_nothing(&self) -> &Self {
        match self.called.meanwhile.log.is_empty() {
            true => self,
            false => self.fail("nothing in the log"),
        }
    }

    /// It reported progress with a message in which this stands.
    #[track_caller]
    pub fn assert_progress(&self, part: &str) -> &Self {
        let has = |event: &Event| matches!(event, Event::Progress { message: Some(message), .. } if message.contains(part));
        match self.called.meanwhile.events.iter().any(has) {
            true => self,
            false => self.fail(&format!(
                "progress with {} in its message",
                super::quoted(part)
            )),
        }
    }

    /// It used less fuel than this. Fuel counts instructions, so it is the same on every machine.
    #[track_caller]
    pub fn assert_fuel_below(&self, units: u64) -> &Self {
        self.assert_below("units of fuel", self.called.meanwhile.usage.fuel, units)
    }

    /// It used less memory than this.
    #[track_caller]
    pub fn assert_memory_below(&self, bytes: u64) -> &Self {
        self.assert_below(
            "bytes of memory",
            self.called.meanwhile.usage.memory_bytes,
            bytes,
        )
    }

    /// It called the host's own interfaces fewer times than this.
    #[track_caller]
    pub fn assert_host_calls_below(&self, calls: u64) -> &Self {
        self.assert_below(
            "calls of the host",
            self.called.meanwhile.usage.host_calls,
            calls,
        )
    }

    #[track_caller]
    fn assert_below(&self, what: &str, used: u64, allowed: u64) -> &Self {
        match used < allowed {
            // Nothing is less than everything, and says nothing.
            true if self.called.meanwhile.n_rounds == 0 => self.fail(&format!(
                "less than {allowed} {what}, and the call did not reach the plugin"
            )),
            true => self,
            false => self.fail(&format!("less than {allowed} {what}; it used {used}")),
        }
    }
}
