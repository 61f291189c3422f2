//! What a component can do and what it needs, read off its type.

use serde::Serialize;
use wasmtime::component::{Component, InstancePre};

use super::bindings::exports::portcullis::plugin::{
    completion, lifecycle, prompts, resources, tasks, tools,
};
use super::engine::LoadError;
use super::guest::Guest;

/// The prefix and the suffix of the contract's interfaces in a component.
const PACKAGE: &str = "portcullis:plugin/";
const VERSION: &str = "@0.1.0";

/// An interface of the contract that a plugin may export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Interface {
    /// Functions for a model.
    Tools,
    /// The rest of calls that became tasks.
    Tasks,
    /// Things to read.
    Resources,
    /// Conversations to begin with.
    Prompts,
    /// Suggestions.
    Completion,
    /// The beginning and the end.
    Lifecycle,
}

impl Interface {
    const ALL: [Self; 6] = [
        Self::Tools,
        Self::Tasks,
        Self::Resources,
        Self::Prompts,
        Self::Completion,
        Self::Lifecycle,
    ];

    /// Its name in `wit/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Tasks => "tasks",
            Self::Resources => "resources",
            Self::Prompts => "prompts",
            Self::Completion => "completion",
            Self::Lifecycle => "lifecycle",
        }
    }
}

/// Where each exported interface is found in an instance.
#[derive(Clone)]
pub(super) struct Interfaces {
    pub(super) tools: Option<tools::GuestIndices>,
    pub(super) tasks: Option<tasks::GuestIndices>,
    pub(super) resources: Option<resources::GuestIndices>,
    pub(super) prompts: Option<prompts::GuestIndices>,
    pub(super) completion: Option<completion::GuestIndices>,
    pub(super) lifecycle: Option<lifecycle::GuestIndices>,
    listed: Vec<Interface>,
}

impl Interfaces {
    pub(super) fn of(pre: &InstancePre<Guest>) -> Result<Self, LoadError> {
        let ty = pre.component().component_type();
        let names: Vec<_> = ty
            .exports(pre.engine())
            .map(|(name, _)| name.to_owned())
            .collect();
        let has = |interface: Interface| {
            names.iter().any(|name| {
                name.strip_prefix(PACKAGE)
                    .and_then(|name| name.strip_suffix(VERSION))
                    == Some(interface.name())
            })
        };
        let listed: Vec<_> = Interface::ALL
            .into_iter()
            .filter(|interface| has(*interface))
            .collect();
        if listed.is_empty() {
            let other = names.iter().find(|name| name.starts_with(PACKAGE));
            return Err(other.map_or(LoadError::NoExports, |name| {
                LoadError::OtherVersion(super::log::printable(name))
            }));
        }
        let shape =
            |error: wasmtime::Error| LoadError::Shape(super::log::printable(&format!("{error:#}")));
        macro_rules! find {
            ($module:ident, $interface:ident) => {
                listed
                    .contains(&Interface::$interface)
                    .then(|| $module::GuestIndices::new(pre).map_err(shape))
                    .transpose()?
            };
        }
        Ok(Self {
            tools: find!(tools, Tools),
            tasks: find!(tasks, Tasks),
            resources: find!(resources, Resources),
            prompts: find!(prompts, Prompts),
            completion: find!(completion, Completion),
            lifecycle: find!(lifecycle, Lifecycle),
            listed,
        })
    }

    /// The exported interfaces, in the contract's order.
    pub(super) fn listed(&self) -> &[Interface] {
        &self.listed
    }
}

/// What a plugin asks for that decides what it may import. Whether it is given any of it is decided with each attempt.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asks {
    /// HTTP.
    pub network: bool,
}

/// What a component imports, by full name.
#[derive(Debug, Clone)]
pub(super) struct Imports(Vec<String>);

impl Imports {
    pub(super) fn of(component: &Component) -> Self {
        let ty = component.component_type();
        Self(
            ty.imports(component.engine())
                .map(|(name, _)| name.to_owned())
                .collect(),
        )
    }

    /// The names, in the component's order.
    pub(super) fn names(&self) -> &[String] {
        &self.0
    }

    pub(super) fn refuse_unknown(&self, asks: Asks) -> Result<(), LoadError> {
        let unknown = |import: &String| {
            Some(UnknownImport {
                why: Uncovered::find(import, asks)?,
                import: super::log::printable(import),
            })
        };
        let mut unknown = self.0.iter().filter_map(unknown);
        match unknown.next() {
            Some(first) => Err(LoadError::Import {
                first,
                others: unknown.take(UNKNOWN_MAX).collect(),
            }),
            None => Ok(()),
        }
    }
}

/// How many imports that nobody offers are told beside the first.
const UNKNOWN_MAX: usize = 50;

/// An import that nobody offers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it imports `{import}`, which {} (hint: {})", why.sentence(), why.hint())]
pub struct UnknownImport {
    /// The interface, made harmless.
    pub import: String,
    /// What is wrong with it.
    pub why: Uncovered,
}

/// Why nobody offers an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncovered {
    /// It is the contract's, of another version.
    OtherContract,
    /// It bears the contract's name, and is not in it.
    NotInContract,
    /// It is WASI's, of another version.
    OtherWasi,
    /// It needs `network`, and the plugin does not ask for it.
    Network,
    /// Nobody knows it.
    Unknown,
}

impl Uncovered {
    /// What is wrong.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::OtherContract => "is of another version of the contract",
            Self::NotInContract => "is not in the contract",
            Self::OtherWasi => "is of another version of WASI",
            Self::Network | Self::Unknown => "no permission covers",
        }
    }

    /// What to do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::OtherContract => "build it against `portcullis:plugin@0.1.0`",
            Self::NotInContract => "build it against the WIT of this version",
            Self::OtherWasi => {
                "build it for WASI 0.2, with `--target wasm32-wasip2`; settings are `wasi:config/store@0.2.0-rc.1`"
            }
            Self::Network => "remove the import, or ask for `network` in plugin.json",
            Self::Unknown => {
                "remove the import, or use an interface of the contract or of WASI 0.2"
            }
        }
    }

    /// Why nobody offers `import`, or nothing when somebody does.
    fn find(import: &str, asks: Asks) -> Option<Self> {
        /// The interfaces of WASI 0.2 that are linked, without effect until something is granted.
        const WASI: [&str; 7] = [
            "wasi:cli/",
            "wasi:clocks/",
            "wasi:filesystem/",
            "wasi:http/",
            "wasi:io/",
            "wasi:random/",
            "wasi:sockets/",
        ];
        /// The settings. A release candidate is compatible with nothing but itself.
        const SETTINGS: &str = "wasi:config/store@0.2.0-rc.1";
        /// The contract's own.
        const OWN: [&str; 8] = [
            "types",
            "content",
            "call",
            "progress",
            "log",
            "cancellation",
            "notify",
            "key-value",
        ];

        if let Some(name) = import.strip_prefix(PACKAGE) {
            let (name, version) = name.split_once('@').unwrap_or((name, ""));
            // A component that exports an interface with types of another one imports that one for its types.
            let is_known = OWN.contains(&name) || Interface::ALL.iter().any(|i| i.name() == name);
            return match (is_known, version) {
                (true, "0.1.0") => None,
                (true, _) => Some(Self::OtherContract),
                (false, _) => Some(Self::NotInContract),
            };
        }
        if import.starts_with("wasi:http/") && !asks.network {
            return Some(Self::Network);
        }
        if import.starts_with("wasi:config/") {
            return (import != SETTINGS).then_some(Self::OtherWasi);
        }
        if WASI.iter().any(|known| import.starts_with(known)) {
            return (!import.contains("@0.2.")).then_some(Self::OtherWasi);
        }
        Some(Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contract_and_wasi_0_2_are_known() {
        let check = |import, known: bool| {
            assert_eq!(
                Uncovered::find(import, Asks::default()).is_none(),
                known,
                "{import}"
            )
        };
        check("wasi:cli/environment@0.2.6", true);
        check("wasi:io/streams@0.2.12", true);
        check("portcullis:plugin/log@0.1.0", true);
        check("portcullis:plugin/key-value@0.1.0", true);
        check("portcullis:plugin/log@0.2.0", false);
        check("portcullis:plugin/power@0.1.0", false);
        check("wasi:cli/environment@0.3.0", false);
        check("wasi:http/outgoing-handler@0.2.6", false);
        check("wasi:config/store@0.2.0-rc.1", true);
        check("wasi:config/store@0.2.0-draft", false);
        check("wasi:config/runtime@0.2.0-rc.1", false);
        check("wasi:keyvalue/store@0.2.0-draft", false);
        check("wasi:clocksmith/wall@0.2.0", false);
        check("stranger:power/danger", false);
        check("", false);
    }
}
