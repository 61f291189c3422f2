//! Secrets that were built in. A value is never shown: only its kind, where it is, and how it begins.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memmem;
use regex::bytes::Regex;

use super::{Code, Findings, Subject};
use crate::manifest::Embedded;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[*SECRET];

const SECRET: &Code = &Code::error(
    "PC0805",
    "secret",
    "a secret is built into the component, its manifest or its skills",
    "Whoever has the component has the secret. Revoke it at its issuer first: it is in every copy and every cache. Then let \
     the operator give it, by `[plugins.<name>.secrets]`, where it is inserted into requests and never enters the \
     plugin's memory.",
);

/// Secrets of one shape. The beginning is searched for, and then the shape is looked at.
struct Shape {
    what: &'static str,
    begins: &'static [&'static str],
    regex: LazyLock<Regex>,
}

macro_rules! shapes {
    ($($what:literal: [$($begin:literal),+] $pattern:literal;)+) => {
        /// What issuers give out with a beginning of its own, so that it can be found.
        static SHAPES: [Shape; [$($what),+].len()] = [$(Shape {
            what: $what,
            begins: &[$($begin),+],
            regex: LazyLock::new(|| Regex::new(concat!("^(?-u:", $pattern, ")")).expect("the patterns are constants")),
        }),+];
    };
}

shapes! {
    "an AWS access key": ["AKIA", "ASIA"] r"A[KS]IA[A-Z2-7]{16}";
    "a GitHub token": ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"] r"gh[pousr]_[A-Za-z0-9]{36,255}";
    "a GitHub token": ["github_pat_"] r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}";
    "a GitLab token": ["glpat-"] r"glpat-[A-Za-z0-9_-]{20,64}";
    "a Slack token": ["xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxr-"] r"xox[bpasr]-[0-9]{8,14}-[A-Za-z0-9-]{10,100}";
    "a Slack webhook": ["hooks.slack.com/services/"] r"hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{20,32}";
    "a Stripe key": ["sk_live_", "rk_live_"] r"[rs]k_live_[A-Za-z0-9]{20,247}";
    "an OpenAI key": ["sk-"] r"sk-(?:(?:proj|svcacct|admin)-)?[A-Za-z0-9_-]{16,200}T3BlbkFJ[A-Za-z0-9_-]{16,200}";
    "an Anthropic key": ["sk-ant-"] r"sk-ant-(?:api|admin|oat)[0-9]{2}-[A-Za-z0-9_-]{80,120}";
    "a Google key": ["AIza"] r"AIza[0-9A-Za-z_-]{35}";
    "a Google client secret": ["GOCSPX-"] r"GOCSPX-[A-Za-z0-9_-]{28}";
    "a Hugging Face token": ["hf_"] r"hf_[A-Za-z0-9]{34}";
    "an npm token": ["npm_"] r"npm_[A-Za-z0-9]{36}";
    "a PyPI token": ["pypi-AgE"] r"pypi-AgE[A-Za-z0-9_-]{50,250}";
    "a SendGrid key": ["SG."] r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}";
    "a DigitalOcean token": ["dop_v1_", "doo_v1_"] r"do[op]_v1_[a-f0-9]{64}";
    "a private key": ["-----BEGIN "] r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----(?:\\r|\\n|\s){1,4}(?:[A-Za-z0-9+/=]{16,80}(?:\\r|\\n|\s){0,4}){2}";
    "a JSON web token": ["eyJ"] r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{20,1000}";
}

/// Bytes behind a beginning that are looked at: the longest shape has some thousand.
const WINDOW_BYTES: usize = 5_100;

/// Beginnings of one kind that are looked at. Honest components have some dozens, and nobody hides a secret of his own.
const LOOKS_MAX: usize = 10_000;

/// Findings of one shape in one place. Where there are more, they are of one kind.
const SHOWN_MAX: usize = 3;

/// Characters of a secret that are shown: they say whose it is, and no more.
const SHOWN_CHARS: usize = 4;

/// Looks through the component, the manifest and the skills.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let component = &subject.source.component;
    look("component", component, findings);
    // One inside the component was looked through with it.
    if Embedded::find(component).is_ok_and(|inside| inside.manifest.is_none()) {
        let manifest = serde_json::to_vec(&subject.source.manifest);
        look("plugin.json", &manifest.unwrap_or_default(), findings);
    }
    for skill in &subject.source.skills {
        for file in &skill.files {
            look(
                &format!(
                    "skill `{}`, {}",
                    skill.name,
                    crate::names::shown(&file.path)
                ),
                &file.bytes,
                findings,
            );
        }
    }
}

fn look(place: &str, bytes: &[u8], findings: &mut Findings) {
    let mut n_looks = [0; SHAPES.len()];
    let mut n_found = [0; SHAPES.len()];
    for at in beginnings(bytes) {
        for (shape, (n_looks, n_found)) in SHAPES.iter().zip(n_looks.iter_mut().zip(&mut n_found)) {
            if *n_looks >= LOOKS_MAX || *n_found >= SHOWN_MAX || !shape.begins_at(at, bytes) {
                continue;
            }
            *n_looks += 1;
            if let Some(secret) = shape.secret(at, bytes) {
                *n_found += 1;
                let begin = secret.iter().take(SHOWN_CHARS).map(|b| char::from(*b));
                // Of a manifest the bytes are not those of its file.
                let at = match place {
                    "plugin.json" => "in it".to_owned(),
                    _ => format!("at byte {at}"),
                };
                let message = format!(
                    "{at} is what looks like {}; it begins with `{}`",
                    shape.what,
                    begin.collect::<String>()
                );
                let hint = "revoke it, and let the operator give it";
                findings.add(SECRET, place, message, hint);
            }
        }
    }
}

/// Where two bytes stand with which some secret begins: all bytes are looked at once, and few of them again.
fn beginnings(bytes: &[u8]) -> impl Iterator<Item = usize> {
    static PAIRS: LazyLock<Vec<bool>> = LazyLock::new(|| {
        let mut pairs = vec![false; 1 << 16];
        for begin in SHAPES.iter().flat_map(|shape| shape.begins) {
            if let [one, other, ..] = begin.as_bytes() {
                pairs[usize::from(*one) << 8 | usize::from(*other)] = true;
            }
        }
        pairs
    });
    let pairs: &[bool] = &PAIRS;
    let places = bytes.windows(2).enumerate();
    places.filter_map(move |(at, pair)| match pair {
        [one, other] if pairs[usize::from(*one) << 8 | usize::from(*other)] => Some(at),
        _ => None,
    })
}

impl Shape {
    fn begins_at(&self, at: usize, bytes: &[u8]) -> bool {
        let mut begins = self.begins.iter();
        begins.any(|begin| bytes[at..].starts_with(begin.as_bytes()))
    }

    /// The secret at a place where one may begin.
    fn secret<'b>(&self, at: usize, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let is_within_word = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
        let window = &bytes[at..bytes.len().min(at + WINDOW_BYTES)];
        let secret = (!is_within_word)
            .then(|| self.regex.find(window))??
            .as_bytes();
        let is_cut = window
            .get(secret.len())
            .is_some_and(u8::is_ascii_alphanumeric);
        (!is_cut && is_plausible(secret)).then_some(secret)
    }
}

/// Whether a text could be a secret, and is no example of one.
fn is_plausible(secret: &[u8]) -> bool {
    /// Random text of sixteen characters has twelve different ones in the mean.
    const DISTINCT_MIN: usize = 9;
    let mut is_used = [false; 256];
    secret
        .iter()
        .skip(4)
        .for_each(|b| is_used[usize::from(*b)] = true);
    let n_distinct = is_used.iter().filter(|used| **used).count();
    let is_example = memmem::find(&secret.to_ascii_lowercase(), b"example").is_some();
    let is_token = !secret.starts_with(b"eyJ") || is_token_head(secret);
    n_distinct >= DISTINCT_MIN && !is_example && is_token
}

/// Whether the head of a JSON web token names an algorithm.
fn is_token_head(token: &[u8]) -> bool {
    let head = token.split(|b| *b == b'.').next().unwrap_or_default();
    let head = URL_SAFE_NO_PAD.decode(head).unwrap_or_default();
    serde_json::from_slice::<serde_json::Value>(&head).is_ok_and(|head| head.get("alg").is_some())
}

#[cfg(test)]
mod tests {
    use super::super::Finding;
    use super::super::samples::{assert_found, found, subject};
    use super::*;
    use crate::contract::Lists;

    fn inside(bytes: &[u8]) -> Vec<Finding> {
        let mut subject = subject(Lists::default());
        subject.source.component.extend(bytes);
        found(check, &subject)
    }

    /// Characters that look random, always the same, so that no secret stands in this file.
    fn random(n: usize, alphabet: &str) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let mut state = 0x9e37_79b9_u32;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            alphabet[(state >> 16) as usize % alphabet.len()]
        };
        (0..n).map(|_| draw()).collect()
    }

    const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    #[test]
    fn secrets_with_a_known_beginning_are_found_and_not_shown() {
        let any = |n| random(n, ALNUM);
        let upper = |n| random(n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
        let token = format!(
            "{}.{}.{}",
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
            any(43)
        );
        for secret in [
            format!("AKIA{}", upper(16)),
            format!("ghp_{}", any(36)),
            format!("github_pat_{}_{}", any(22), any(59)),
            format!("glpat-{}", any(20)),
            format!("xoxb-{}-{}", random(11, "0123456789"), any(24)),
            format!(
                "hooks.slack.com/services/T{}/B{}/{}",
                upper(9),
                upper(9),
                any(24)
            ),
            format!("sk_live_{}", any(24)),
            format!("sk-proj-{}T3BlbkFJ{}", any(20), any(20)),
            format!("sk-ant-api03-{}", any(93)),
            format!("AIza{}", any(35)),
            format!("GOCSPX-{}", any(28)),
            format!("hf_{}", any(34)),
            format!("npm_{}", any(36)),
            format!("pypi-AgE{}", any(80)),
            format!("SG.{}.{}", any(22), any(43)),
            format!("dop_v1_{}", random(64, "0123456789abcdef")),
            format!("-----BEGIN PRIVATE KEY-----\n{}\n{}\n", any(64), any(64)),
            format!(
                "-----BEGIN RSA PRIVATE KEY-----\\n{}\\n{}",
                any(64),
                any(64)
            ),
            token,
        ] {
            let found = inside(format!("\0{secret}\0").as_bytes());
            assert_found(&found, &[SECRET], &secret);
            let said = &found[0].message;
            assert!(
                said.contains(&format!("`{}`", &secret[..4])) && said.contains("at byte 9 "),
                "{said}"
            );
            assert!(!said.contains(&secret[..secret.len().min(12)]), "{said}");
        }
    }

    #[test]
    fn a_manifest_beside_a_component_is_looked_through_as_well() {
        let secret = format!("ghp_{}", random(36, ALNUM));
        let mut subject = subject(Lists::default());
        subject.source.manifest.instructions = Some(format!("Use {secret}."));
        let found = found(check, &subject);
        assert_found(&found, &[SECRET], &secret);
        assert_eq!(found[0].place.within.as_deref(), Some("plugin.json"));
        assert!(found[0].message.starts_with("in it is"), "{found:?}");
    }

    #[test]
    fn what_only_looks_like_the_beginning_of_a_secret_is_left_alone() {
        for honest in [
            "-----BEGIN PRIVATE KEY-----".to_owned(),
            "-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----".to_owned(),
            "-----BEGIN CERTIFICATE-----\nMIIB".to_owned(),
            "AKIAIOSFODNN7EXAMPLE".to_owned(),
            format!("AKIA{}", "A".repeat(16)),
            format!("ghp_{}", "x".repeat(36)),
            format!("ghp_{}", random(20, ALNUM)),
            format!("wordghp_{}", random(36, ALNUM)),
            format!("AIza{}", random(60, ALNUM)),
            "sk-learn-is-a-library-with-a-long-name-of-its-own".to_owned(),
            "eyJhbGciOiJIUzI1NiJ9".to_owned(),
            format!("eyJ{0}.eyJ{0}.{0}", random(30, ALNUM)),
        ] {
            assert_found(&inside(format!("\0{honest}\0").as_bytes()), &[], &honest);
        }
    }

    #[test]
    fn a_component_full_of_beginnings_is_looked_through_in_one_go_and_told_of_in_short() {
        for begin in [
            "eyJ",
            "eyJaaaaaaaaaaaaaaaaaaaaaa.eyJ",
            "AKIA",
            "sk-",
            "-----BEGIN ",
        ] {
            inside(begin.repeat((1 << 18) / begin.len()).as_bytes());
        }
        let secret = format!("\0ghp_{}", random(36, ALNUM));
        assert_eq!(inside(secret.repeat(1_000).as_bytes()).len(), SHOWN_MAX);
    }
}
