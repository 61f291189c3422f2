//! All that one manifest asks for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{NetworkRule, StorageKind, SystemPower};

/// The permissions a manifest asks for. Holding one proves that each word has a meaning, not that anything is granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// Whom it wants to talk to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<NetworkRule>,
    /// What it wants to keep.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<StorageKind>,
    /// What it wants of the machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system: Vec<SystemPower>,
}

impl Request {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.network.is_empty() && self.storage.is_empty() && self.system.is_empty()
    }
}

/// One line for people, such as `network: api.example.com; system: clock, random`. Empty when nothing is asked for.
impl fmt::Display for Request {
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
            json!({"network": ["*"]}),
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
