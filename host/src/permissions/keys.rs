//! The decision: three keys in, yes or a reasoned no out.

use std::net::IpAddr;

use super::denial::Remedy;
use super::{
    Attempt, Denial, Grant, HttpAttempt, Key, NetworkRule, Policy, Request, StorageKind,
    SystemPower, Words,
};
use crate::names::Identity;

/// The three keys of one plugin.
///
/// Holding one proves nothing yet: ask it. Every answer is computed from the keys alone, so the same question always has
/// the same answer.
#[derive(Debug, Clone)]
pub struct Keys {
    identity: Identity,
    policy: Policy,
    grant: Grant,
    request: Request,
}

impl Keys {
    /// Puts the keys together.
    pub fn new(identity: Identity, policy: Policy, grant: Grant, request: Request) -> Self {
        Self {
            identity,
            policy,
            grant,
            request,
        }
    }

    /// Keys that open nothing.
    pub fn none(identity: Identity) -> Self {
        Self::new(
            identity,
            Policy::default(),
            Grant::default(),
            Request::default(),
        )
    }

    /// Whose keys they are.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the plugin asks for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What the user gives, whether or not it is for this component.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// What the operator lets any plugin have.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Decides on anything that can be decided without looking at the world.
    ///
    /// # Errors
    /// When a key is missing.
    pub fn decide(&self, attempt: &Attempt) -> Result<(), Box<Denial>> {
        match attempt {
            Attempt::Http(attempt) => self.http(attempt),
            Attempt::Storage(kind) => self.storage(*kind),
            Attempt::System(power) => self.system(power),
        }
    }

    /// Decides on a request, before its host's name is resolved.
    ///
    /// # Errors
    /// When a key is missing.
    pub fn http(&self, attempt: &HttpAttempt) -> Result<(), Box<Denial>> {
        let permits = |words: &Words| words.network.iter().any(|rule| rule.permits(attempt));
        self.judge(
            || Attempt::Http(attempt.clone()),
            permits(&self.policy.words),
            permits(&self.grant.words),
            permits(&self.request),
        )
    }

    /// Decides on the address that a permitted request's host has. Public addresses pass; one of the operator's own
    /// networks must be named, as it is, in the policy and in the grant.
    ///
    /// # Errors
    /// When a key is missing.
    pub fn address(&self, attempt: &HttpAttempt, address: IpAddr) -> Result<(), Box<Denial>> {
        let names = |words: &Words| {
            let mut rules = words.network.iter();
            rules.any(|rule| rule.names(attempt, address))
        };
        if super::address::is_public(address) {
            return Ok(());
        }
        let judged = self.judge(
            || Attempt::Http(attempt.clone()),
            names(&self.policy.words),
            names(&self.grant.words),
            true,
        );
        judged.map_err(|mut denial| {
            let rule = match address.to_canonical() {
                IpAddr::V4(address) => format!("{address}:{}", attempt.port),
                IpAddr::V6(address) => format!("[{address}]:{}", attempt.port),
            };
            denial.remedies = self.remedies(&denial.missing, "network", &rule);
            denial.because = Some(format!(
                "`{address}` is not an address of the public internet, so it must be named itself"
            ));
            denial
        })
    }

    /// Decides on one kind of storage.
    ///
    /// # Errors
    /// When a key is missing.
    pub fn storage(&self, kind: StorageKind) -> Result<(), Box<Denial>> {
        let permits = |words: &Words| words.storage.contains(&kind);
        self.judge(
            || Attempt::Storage(kind),
            permits(&self.policy.words),
            permits(&self.grant.words),
            permits(&self.request),
        )
    }

    /// Decides on a power over the machine, or knowledge of it. `clock` and `random` are given unless they are withheld.
    ///
    /// # Errors
    /// When a key is missing, or the power is withheld, or it is one that nobody gets.
    pub fn system(&self, power: &SystemPower) -> Result<(), Box<Denial>> {
        let attempt = Attempt::System(power.clone());
        match power {
            SystemPower::Clock | SystemPower::Random => {
                let policy = !self.policy.withheld.contains(power);
                let grant = !self.grant.withheld.contains(power);
                if policy && grant {
                    return Ok(());
                }
                let keys = [(policy, Key::Policy), (grant, Key::Grant)];
                let missing = keys.into_iter().filter(|(given, _)| !given);
                let missing: Vec<_> = missing.map(|(_, key)| key).collect();
                let because = "it is withheld (hint: take it out of `withhold` in portcullis.toml)";
                Err(Box::new(Denial {
                    plugin: self.identity.name.clone(),
                    attempt,
                    missing,
                    because: Some(because.to_owned()),
                    remedies: Vec::new(),
                }))
            }
            SystemPower::ProcessSpawn => Err(Box::new(Denial {
                plugin: self.identity.name.clone(),
                attempt,
                missing: Vec::new(),
                because: Some(SystemPower::WHY_NO_PROCESSES.to_owned()),
                remedies: Vec::new(),
            })),
            SystemPower::Env(_) => {
                let permits = |words: &Words| words.system.contains(power);
                self.judge(
                    || attempt,
                    permits(&self.policy.words),
                    permits(&self.grant.words),
                    permits(&self.request),
                )
            }
        }
    }

    /// The environment variables that all three keys name.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.request.system.iter().filter_map(|power| match power {
            SystemPower::Env(name) if self.system(power).is_ok() => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether a request could pass at all, so that there is something to connect.
    pub fn opens_network(&self) -> bool {
        !self.policy.words.network.is_empty()
            && self.grant_is_for_this()
            && !self.grant.words.network.is_empty()
            && !self.request.network.is_empty()
    }

    /// Whether the grant is for this very component.
    pub fn grant_is_for_this(&self) -> bool {
        self.grant.approved.is(&self.identity.digest)
    }

    /// Puts the keys together. The attempt is written down only when it is refused.
    fn judge(
        &self,
        attempt: impl FnOnce() -> Attempt,
        policy: bool,
        grant: bool,
        request: bool,
    ) -> Result<(), Box<Denial>> {
        let grant = grant && self.grant_is_for_this();
        if policy && grant && request {
            return Ok(());
        }
        let keys = [
            (policy, Key::Policy),
            (grant, Key::Grant),
            (request, Key::Request),
        ];
        Err(self.denial(&attempt(), keys))
    }

    fn denial(
        &self,
        attempt: &Attempt,
        keys: impl IntoIterator<Item = (bool, Key)>,
    ) -> Box<Denial> {
        let keys = keys.into_iter().filter(|(fits, _)| !fits);
        let missing: Vec<_> = keys.map(|(_, key)| key).collect();
        let (power, word) = match attempt {
            Attempt::Http(attempt) => ("network", NetworkRule::least(attempt).to_string()),
            Attempt::Storage(kind) => ("storage", kind.to_string()),
            Attempt::System(power) => ("system", power.to_string()),
        };
        Box::new(Denial {
            plugin: self.identity.name.clone(),
            attempt: attempt.clone(),
            because: self.why_the_grant_does_not_hold(&missing),
            remedies: self.remedies(&missing, power, &word),
            missing,
        })
    }

    fn why_the_grant_does_not_hold(&self, missing: &[Key]) -> Option<String> {
        use super::Approved;
        let is_given = missing.contains(&Key::Grant) && !self.grant.words.is_empty();
        match self.grant.approved {
            Approved::Nothing if is_given => {
                Some("the grant does not say which component it is for".to_owned())
            }
            Approved::Digest(digest) if is_given && digest != self.identity.digest => {
                Some(format!("the grant is for another component, {digest}"))
            }
            _ => None,
        }
    }

    /// The lines that would allow a word, with the words that stand there already.
    fn remedies(&self, missing: &[Key], power: &'static str, word: &str) -> Vec<Remedy> {
        let list = |words: &Words| {
            let mut all = words.of(power);
            if !all.iter().any(|there| there == word) {
                all.push(word.to_owned());
            }
            let quoted: Vec<_> = all.iter().map(|word| format!("\"{word}\"")).collect();
            quoted.join(", ")
        };
        let name = &self.identity.name;
        let line = |key: &Key| match key {
            Key::Policy => {
                let words = list(&self.policy.words);
                ("portcullis.toml", format!("[policy]\n{power} = [{words}]"))
            }
            Key::Grant => {
                let digest = match self.grant_is_for_this() {
                    true => String::new(),
                    false => format!(
                        "[plugins.{name}]\ndigest = \"{}\"\n\n",
                        self.identity.digest
                    ),
                };
                let words = list(&self.grant.words);
                let lines = format!("{digest}[plugins.{name}.grants]\n{power} = [{words}]");
                ("portcullis.toml", lines)
            }
            Key::Request => {
                let words = list(&self.request);
                let lines = format!("\"permissions\": {{ \"{power}\": [{words}] }}");
                ("plugin.json", lines)
            }
        };
        missing
            .iter()
            .map(line)
            .map(|(file, lines)| Remedy { file, lines })
            .collect()
    }
}
