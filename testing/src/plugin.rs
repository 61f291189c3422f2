//! A plugin that is to be tested, and the world it is to meet.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bytes::Bytes;
use portcullis::contract::{ClientCapabilities, Principal};
use portcullis::limits::LimitsPatch;
use portcullis::manifest::Source;
use portcullis::permissions::{SystemPower, Words};
use portcullis::secrets::{Binding, Place};
use portcullis::trial::{Answers, Conditions, PretendedSecret, Reach, Stage};
use serde_json::{Map, Value, json};

use crate::engine::{engine, wait_for};
use crate::{Exchange, Running, building};

/// A plugin that is to be tested, and the world it is to meet: nothing that the test does not give.
///
/// What is pretended here exists in a test alone, and none of it is a permission: `allow_network` lets a request pass, and
/// [`Plugin::exchange`] says who answers it.
#[derive(Debug, Clone)]
pub struct Plugin {
    from: From,
    conditions: Conditions,
    allows_all: bool,
}

/// Where a component comes from.
#[derive(Debug, Clone)]
enum From {
    Folder(PathBuf),
    Component(PathBuf),
}

impl Plugin {
    /// The plugin whose source is in this folder; see [`plugin!`](crate::plugin). It is built when it is first started.
    pub fn of_crate(dir: impl AsRef<Path>) -> Self {
        Self::new(From::Folder(dir.as_ref().to_owned()))
    }

    /// The plugin with this component. Its manifest is in it or beside it.
    pub fn from_component(path: impl AsRef<Path>) -> Self {
        Self::new(From::Component(path.as_ref().to_owned()))
    }

    fn new(from: From) -> Self {
        Self {
            from,
            conditions: Conditions::default(),
            allows_all: false,
        }
    }

    /// Allows what a network rule covers, such as `api.example.com` or `https://api.example.com/v1`, if the manifest asks
    /// for it.
    #[must_use]
    #[track_caller]
    pub fn allow_network(mut self, rule: &str) -> Self {
        self.conditions.allow.network.push(read(rule));
        self
    }

    /// Allows one kind of storage, such as `key-value` or `user-data`, if the manifest asks for it.
    #[must_use]
    #[track_caller]
    pub fn allow_storage(mut self, kind: &str) -> Self {
        self.conditions.allow.storage.push(read(kind));
        self
    }

    /// Allows an environment variable and gives it a value, if the manifest asks for it. The machine's own are not looked at.
    #[must_use]
    #[track_caller]
    pub fn allow_env(mut self, name: &str, value: &str) -> Self {
        let power = read(&format!("env:{name}"));
        self.conditions.allow.system.push(power);
        let environment = &mut self.conditions.environment;
        environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Allows everything the manifest asks for, as an operator does who grants without looking.
    #[must_use]
    pub fn allow_all(mut self) -> Self {
        self.allows_all = true;
        self
    }

    /// Withholds the true time, as an operator can: the clock shows the year 2000, and the attempt to read it is noted.
    #[must_use]
    pub fn withhold_clock(mut self) -> Self {
        self.conditions.withhold.push(SystemPower::Clock);
        self
    }

    /// Withholds true randomness, as an operator can.
    #[must_use]
    pub fn withhold_random(mut self) -> Self {
        self.conditions.withhold.push(SystemPower::Random);
        self
    }

    /// Says who answers a request. One that is made several times is answered in the order of its exchanges, and then as in
    /// the last of them.
    #[must_use]
    pub fn exchange(mut self, exchange: Exchange) -> Self {
        match &mut self.conditions.reach {
            Reach::Script(script) => script.push(exchange.0),
            reach => *reach = Reach::Script(vec![exchange.0]),
        }
        self
    }

    /// Stops the clock at this time, such as `2026-01-02T03:04:05Z`.
    #[must_use]
    #[track_caller]
    pub fn at(mut self, time: &str) -> Self {
        let read: Result<jiff::Timestamp, _> = time.parse();
        match read {
            Ok(time) => self.conditions.now = Some(time.into()),
            Err(_) => wrong(&format!(
                "`{time}` is no time (hint: write it as `2026-01-02T03:04:05Z`)"
            )),
        }
        self
    }

    /// Says where random numbers begin. Each call gets other ones, and the same in every run.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.conditions.seed = Some(seed);
        self
    }

    /// Puts a value into its key-value store before it starts.
    #[must_use]
    pub fn value(mut self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        let value = Bytes::from(value.into());
        self.conditions.key_value.insert(key.to_owned(), value);
        self
    }

    /// Sets what an operator can set for it: an object.
    #[must_use]
    #[track_caller]
    pub fn config(mut self, config: Value) -> Self {
        self.conditions.config = object("`config`", config);
        self
    }

    /// Gives it a secret that it may read, as a setting of this name.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.keep_secret(name, value, None);
        self
    }

    /// Gives it a secret that is put into a header of its requests to a host, and that it never sees: `Bearer ` and the
    /// secret in `authorization`, for example.
    #[must_use]
    #[track_caller]
    pub fn secret_for(
        mut self,
        name: &str,
        value: &str,
        host: &str,
        header: &str,
        prefix: &str,
    ) -> Self {
        let binding = Binding {
            rule: read(host),
            place: Place::Header {
                name: header.to_ascii_lowercase(),
                prefix: prefix.to_owned(),
            },
        };
        self.keep_secret(name, value, Some(binding));
        self
    }

    fn keep_secret(&mut self, name: &str, value: &str, binding: Option<Binding>) {
        let value = value.to_owned();
        let secret = PretendedSecret { value, binding };
        self.conditions.secrets.insert(name.to_owned(), secret);
    }

    /// Answers its questions: an object by their keys, or an array in their order. Without answers a call that asks ends with
    /// its questions. An answer is MCP's, or short: `"decline"`, the content of a form, the words of the model, the URIs of
    /// the roots.
    #[must_use]
    #[track_caller]
    pub fn answers(mut self, answers: Value) -> Self {
        self.conditions.answers = match answers {
            Value::Object(by_key) => Answers::ByKey(by_key),
            Value::Array(in_order) => Answers::InOrder(in_order),
            other => wrong(&format!(
                "`answers` has {other} (hint: write an object by the keys of the questions, or an array in their order)"
            )),
        };
        self
    }

    /// Says what its client can do. Without a word it can do everything.
    #[must_use]
    pub fn client(mut self, capabilities: ClientCapabilities) -> Self {
        self.conditions.capabilities = Some(capabilities);
        self
    }

    /// Says who calls, as a host over HTTP would know it.
    #[must_use]
    pub fn user(mut self, subject: &str) -> Self {
        self.conditions.principal = Some(Principal {
            subject: subject.to_owned(),
            scopes: Vec::new(),
        });
        self
    }

    /// Sets a limit, such as `fuel` or `call_ms`, as an operator can.
    #[must_use]
    #[track_caller]
    pub fn limit(mut self, name: &str, value: u64) -> Self {
        let mut limits = json!(self.conditions.limits);
        limits[name] = json!(value);
        let read: Result<LimitsPatch, _> = serde_json::from_value(limits);
        match read {
            Ok(limits) => self.conditions.limits = limits,
            Err(error) => wrong(&error),
        }
        self
    }

    /// Sets the whole world at once, for what has no word of its own here.
    #[must_use]
    pub fn conditions(mut self, conditions: Conditions) -> Self {
        self.conditions = conditions;
        self
    }

    /// Builds it if need be, loads it, activates it, and waits until it can be called.
    ///
    /// Panics when that does not work, with the reason: this is where a test fails whose plugin is broken.
    #[track_caller]
    pub fn start(self) -> Running {
        match self.try_start() {
            Ok(running) => running,
            Err(reason) => wrong(&reason),
        }
    }

    /// The same for a plugin that is expected not to start.
    ///
    /// # Errors
    /// When it does not build, load or start, or the test's own words make no sense, with the reason for people.
    pub fn try_start(mut self) -> Result<Running, String> {
        let source = self.source()?;
        if self.allows_all {
            self.conditions.allow = everything(&source);
        }
        let set = Stage::set(engine(), source, &self.conditions);
        let stage = wait_for(set).map_err(|error| error.to_string())?;
        Ok(Running::new(stage))
    }

    fn source(&self) -> Result<Source, String> {
        match &self.from {
            From::Folder(dir) => building::built(dir),
            From::Component(path) => building::read(path),
        }
    }
}

fn everything(source: &Source) -> Words {
    source.manifest.permissions.clone()
}

/// An object, or the reason why a value is none.
#[track_caller]
pub(crate) fn object(what: &str, value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => wrong(&format!(
            "{what} has {other} (hint: write an object, `json!({{\"name\": \"value\"}})`)"
        )),
    }
}

/// A word of the host's own.
#[track_caller]
fn read<T: FromStr<Err: Display>>(word: &str) -> T {
    match word.parse() {
        Ok(read) => read,
        Err(error) => wrong(&error),
    }
}

/// The test's own words make no sense. It is told where they stand, which a closure would hide.
#[track_caller]
fn wrong(error: &dyn Display) -> ! {
    panic!("{error}")
}
