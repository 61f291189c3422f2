//! `log`: lines for the plugin's log, and for the client's when it asked for them.

use serde_json::Value;

use crate::contract::{Event, LogLevel};
use crate::limits::LOG_LINE_BYTES_MAX;
use crate::runtime::bindings::portcullis::plugin::log::{Host, Level};
use crate::runtime::claims;
use crate::runtime::guest::Guest;

impl Host for Guest {
    fn enabled(&mut self, _level: Level) -> wasmtime::Result<bool> {
        self.count_host_call()?;
        // The plugin's own log keeps every level.
        Ok(true)
    }

    async fn write(
        &mut self,
        level: Level,
        logger: Option<String>,
        message: String,
        fields: Option<String>,
    ) -> wasmtime::Result<()> {
        self.count_host_call()?;
        let level = LogLevel::from(level);
        // What is longer than a line is cut before anything else is done with it, and cut JSON is text.
        let message = self.printable(&message);
        let (fields, line) = match fields {
            None => (None, message.clone()),
            Some(claimed) => {
                let fields = Some(&claimed).filter(|claimed| claimed.len() <= LOG_LINE_BYTES_MAX);
                let fields = fields.and_then(|claimed| claims::object(claimed, "fields").ok());
                (fields, format!("{message} {}", self.printable(&claimed)))
            }
        };
        let kept = self.log.line(level, &line);
        let wanted = self.call.log_level.is_some_and(|least| level >= least);
        let is_sent = kept && wanted && self.call.events.is_some() && self.take_notification();
        let is_noted = kept && self.call.trail.is_some();
        if !is_sent && !is_noted {
            return Ok(());
        }
        let message = Value::String(message);
        let data = match fields {
            Some(mut fields) => {
                if let Some(redactor) = self.log.redactor() {
                    redactor.redact_object(&mut fields);
                }
                fields.insert("message".to_owned(), message);
                Value::Object(fields)
            }
            None => message,
        };
        let event = Event::Log {
            level,
            logger: logger.map(|logger| self.printable(&logger)),
            data,
        };
        if let (Some(trail), true) = (&self.call.trail, is_noted) {
            trail.note_event(event.clone());
        }
        if let (Some(events), true) = (&self.call.events, is_sent) {
            // Fails when the client has gone; the guest will be stopped for that elsewhere.
            let _ = events.send(event).await;
        }
        Ok(())
    }
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Notice => Self::Notice,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
            Level::Critical => Self::Critical,
            Level::Alert => Self::Alert,
            Level::Emergency => Self::Emergency,
        }
    }
}
