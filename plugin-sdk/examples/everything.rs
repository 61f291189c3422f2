//! One of each thing a plugin can offer.

#[portcullis_plugin::plugin]
pub mod everything {
    use portcullis_plugin::prelude::*;
    use portcullis_plugin::{log, notify, progress, schema};

    /// The tones a letter can have.
    const TONES: [&str; 3] = ["friendly", "formal", "terse"];

    /// A point on a plane.
    #[data]
    #[derive(PartialEq)]
    struct Point {
        /// How far to the right.
        x: f64,
        /// How far up.
        y: f64,
    }

    /// How to measure.
    #[data]
    #[serde(rename_all = "kebab-case")]
    enum Metric {
        /// As the crow flies.
        Straight,
        /// Along the streets.
        CityBlock,
    }

    /// A distance, and how it was measured.
    #[data]
    struct Distance {
        length: f64,
        metric: Metric,
    }

    /// Measures the way from one point to another.
    #[tool(
        title = "Measure a distance",
        read_only,
        idempotent,
        open_world = false
    )]
    fn distance(
        /// Where the way begins.
        from: Point,
        /// Where it ends.
        to: Point,
        /// How to measure; straight when left out.
        metric: Option<Metric>,
    ) -> Distance {
        let metric = metric.unwrap_or(Metric::Straight);
        let (x, y) = (to.x - from.x, to.y - from.y);
        let length = match metric {
            Metric::Straight => x.hypot(y),
            Metric::CityBlock => x.abs() + y.abs(),
        };
        Distance { length, metric }
    }

    /// Repeats words. Fails when there are none.
    #[tool(meta = r#"{"example.com/stage": "beta"}"#)]
    fn repeat(
        /// The words.
        #[schemars(length(max = 8))]
        words: Vec<String>,
        /// How many times.
        #[default(2)]
        #[schemars(range(min = 1, max = 9))]
        times: u32,
        #[serde(rename = "between")]
        #[default(" ")]
        separator: String,
    ) -> Result<String, String> {
        if words.is_empty() {
            return Err("there are no words: give at least one".to_owned());
        }
        for done in 1..=times {
            progress::report(done, f64::from(times), "repeating");
        }
        log::info(format!("repeated {} words", words.len()));
        Ok(vec![words.join(&separator); times as usize].join(&separator))
    }

    /// Deletes everything, after the person has agreed.
    #[tool(name = "delete-all", destructive)]
    fn delete_all(context: &Context) -> Result<Outcome<Answer>, Error> {
        #[data]
        struct Confirmation {
            /// Whether to go on.
            sure: bool,
        }
        let Some(response) = context.response("confirm") else {
            let question = Questions::new()
                .form(
                    "confirm",
                    "Delete everything?",
                    schema::of::<Confirmation>(),
                )
                .state(b"asked once");
            return Ok(Outcome::Ask(question));
        };
        if !response.accepted::<Confirmation>()?.sure {
            return Err(Error::other("nothing was deleted"));
        }
        notify::resource_updated("everything://all");
        Ok(Answer::text("All gone.").into())
    }

    /// What there is.
    #[resource("everything://all", title = "Everything", mime_type = "text/markdown")]
    fn all() -> &'static str {
        "# Everything"
    }

    /// A cell of a table.
    #[resource("everything://tables/{table}/{column}-{row}")]
    fn cell(table: String, column: String, row: u32) -> Option<Json<(String, String, u32)>> {
        (row > 0).then_some(Json((table, column, row)))
    }

    /// A file, as bytes.
    #[resource("everything://files/{+path}", mime_type = "application/octet-stream")]
    fn file(path: String) -> Result<Vec<u8>, Error> {
        match path.as_str() {
            "secret" => Err(Error::denied("reading `secret`")),
            _ => Ok(path.into_bytes()),
        }
    }

    /// Writes a letter.
    #[prompt(title = "Write a letter")]
    fn letter(
        /// Whom it is to.
        to: String,
        /// How it sounds.
        tone: Option<String>,
    ) -> Vec<Message> {
        let tone = tone.as_deref().unwrap_or(TONES[0]);
        vec![
            Message::user(format!("Write a {tone} letter to {to}.")),
            Message::assistant(format!("Dear {to},")),
        ]
    }

    #[complete(prompt = "letter", argument = "tone")]
    fn tones(value: &str) -> Vec<String> {
        let fitting = TONES.iter().filter(|tone| tone.starts_with(value));
        fitting.map(|tone| (*tone).to_owned()).collect()
    }

    #[complete(
        resource = "everything://tables/{table}/{column}-{row}",
        argument = "row"
    )]
    fn rows(value: &str, context: &Context) -> Vec<String> {
        let table = context.filled_in("table").unwrap_or("none");
        (1..=200)
            .map(|row| format!("{value}{row}"))
            .filter(|_| table != "none")
            .collect()
    }

    #[activate]
    fn begin() -> Result<(), Error> {
        log::debug("begun");
        Ok(())
    }

    #[deactivate]
    fn end(reason: DeactivationReason) {
        log::info(format!("ended: {reason:?}"));
    }

    #[health]
    fn health() -> Result<(), String> {
        Ok(())
    }
}
