//! A set of permissions, as each of the three keys is written.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{NetworkRule, StorageKind, SystemPower};

/// Permissions by power. Holding one proves that each word has a meaning, not that anything is granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Whom to talk to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<NetworkRule>,
    /// What to keep, and which folders to see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<StorageKind>,
    /// What to have of the machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system: Vec<SystemPower>,
}

/// What a manifest asks for: the third key.
pub type Request = Words;

impl Words {
    /// The words of one power, `network`, `storage` or `system`, as text.
    pub(super) fn of(&self, power: &str) -> Vec<String> {
        fn texts(words: &[impl fmt::Display]) -> Vec<String> {
            words.iter().map(ToString::to_string).collect()
        }
        match power {
            "network" => texts(&self.network),
            "storage" => texts(&self.storage),
            _ => texts(&self.system),
        }
    }

    /// Whether there is no word at all.
    pub fn is_empty(&self) -> bool {
        self.network.is_empty() && self.storage.is_empty() && self.system.is_empty()
    }
}

/// One line for people, such as `network: api.example.com; system: clock, random`. Empty when there is no word.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let powers = [
            ("network", words(&self.network)),
            ("storage", words(&self.storage)),
            ("system", words(&self.system)),
        ];
        let asked = powers.into_iter().filter(|(_, words)| !words.is_empty());
        let asked: Vec<_> = asked
            .map(|(power, words)| format!("{power}: {words}"))
            .collect();
        f.write_str(&asked.join("; "))
    }
}

fn words(words: &[impl fmt::Display]) -> String {
    words
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_reads_and_writes_the_words_of_a_manifest() {
        let words = json!({
            "network": ["*.example.com", "https://api.example.com:8443/v1"],
            "storage": ["user-data"],
            "system": ["env:LANG", "process:spawn"],
        });
        let request: Request = serde_json::from_value(words.clone()).unwrap();
        assert!(!request.is_empty());
        assert_eq!(serde_json::to_value(&request).unwrap(), words);
        assert_eq!(
            request.to_string(),
            "network: *.example.com, https://api.example.com:8443/v1; storage: user-data; system: env:LANG, process:spawn"
        );
        assert!(Request::default().is_empty());
        assert_eq!(Request::default().to_string(), "");
    }

    #[test]
    fn one_word_without_meaning_refuses_the_request() {
        for words in [
            json!({"network": ["*.com"]}),
            json!({"storage": ["disk"]}),
            json!({"system": ["root"]}),
            json!({"files": []}),
        ] {
            assert!(
                serde_json::from_value::<Request>(words.clone()).is_err(),
                "{words}"
            );
        }
    }
}
