use super::*;
use crate::names::{Digest, Identity};
use crate::permissions::{Approved, Grant, Key, Keys, Policy, Words};

#[test]
fn a_rule_names_a_host_and_maybe_a_scheme_a_port_and_a_path() {
    let check = |claimed: &str, kept: &str| {
        let rule = claimed.parse::<NetworkRule>();
        assert_eq!(
            rule.as_ref().map(NetworkRule::as_str),
            Ok(kept),
            "{claimed}"
        );
        assert_eq!(kept.parse().as_ref(), rule.as_ref(), "{kept}");
    };
    check("api.example.com", "api.example.com");
    check("API.Example.com.", "api.example.com");
    check("*.example.com", "*.example.com");
    check("localhost", "localhost");
    check("localhost:3000", "localhost:3000");
    check("a_b.example.com:1", "a_b.example.com:1");
    check("xn--bcher-kva.example", "xn--bcher-kva.example");
    check("127.0.0.1:80", "127.0.0.1:80");
    check("[::1]", "[::1]");
    check("[0:0:0:0:0:0:0:1]:443", "[::1]:443");
    check(
        "HTTPS://Example.com:8443/V1/Data",
        "https://example.com:8443/V1/Data",
    );
    check("http://*.example.com/", "http://*.example.com/");
    check("*", "*");
    check("GET,HEAD https://*", "GET,HEAD https://*");
}

#[test]
fn a_rule_with_no_reading_or_two_is_refused() {
    let label = "a".repeat(64);
    let host = vec!["abc"; 64].join(".");
    for claimed in [
        "",
        ".",
        "*:443",
        "https://*/",
        "*.",
        "*.com",
        "*.",
        "*.*.com",
        "api.*.com",
        "*example.com",
        "a..b",
        ".a",
        "-a.com",
        "a-.com",
        "a b",
        "a\n",
        "bücher.example",
        "user@example.com",
        "https://user:pw@example.com",
        "example.com:",
        "example.com:0",
        "example.com:080",
        "example.com:65536",
        "example.com:https",
        "example.com:+1",
        ":80",
        "ftp://example.com",
        "://example.com",
        "https://",
        "https:///x",
        "example.com/path",
        "example.com\\x",
        "https://example.com/../x",
        "https://example.com/%2e%2e",
        "https://example.com/*",
        "https://example.com?q=1",
        "https://example.com/#x",
        "127.1",
        "0x7f.0x1",
        "2130706433",
        "1.2.3.256",
        "*.0.0.1",
        "*.127.0.0.1",
        "::1",
        "[::1",
        "[::1]x",
        "[a.b]",
        "[::1]:",
        "http://a://b",
        &label,
        &host,
    ] {
        assert!(claimed.parse::<NetworkRule>().is_err(), "{claimed:?}");
    }
}

#[test]
fn a_refusal_shows_the_rule_and_what_to_write() {
    let refusal = "user@example.com"
        .parse::<NetworkRule>()
        .unwrap_err()
        .to_string();
    assert_eq!(
        refusal,
        "network rule `user@example.com` carries a user name or password (hint: leave out what stands before the `@`)"
    );
}

#[test]
fn a_rule_may_begin_with_methods() {
    let check = |claimed: &str, kept: Option<&str>| {
        let rule = claimed.parse::<NetworkRule>().ok();
        assert_eq!(rule.as_ref().map(NetworkRule::as_str), kept, "{claimed}");
        if let Some(kept) = kept {
            assert_eq!(kept.parse().ok(), rule, "{kept}");
        }
    };
    check(
        "GET,HEAD https://Example.com/v1",
        Some("GET,HEAD https://example.com/v1"),
    );
    check("POST localhost:3000", Some("POST localhost:3000"));
    check("get example.com", None);
    check("GET, HEAD example.com", None);
    check("GET,,HEAD example.com", None);
    check("GET,GET example.com", None);
    check("CONNECT example.com", None);
    check("GET", Some("get"));
    check("GET ", None);
    check(" example.com", None);
    check("GET  example.com", None);
    check("@ example.com", None);
}

/// `GET` unless the text begins with another method.
fn attempt(text: &str) -> HttpAttempt {
    let (method, url) = text.split_once(' ').unwrap_or(("GET", text));
    HttpAttempt::new(method, url).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_rule_permits_what_it_says_and_nothing_beside_it() {
    let check = |rule: &str, permitted: &[&str], refused: &[&str]| {
        let rule: NetworkRule = rule.parse().unwrap();
        for text in permitted {
            assert!(rule.permits(&attempt(text)), "`{rule}` permits `{text}`");
        }
        for text in refused {
            assert!(!rule.permits(&attempt(text)), "`{rule}` refuses `{text}`");
        }
    };
    check(
        "example.com",
        &[
            "https://example.com/",
            "http://example.com/any/path",
            "POST https://EXAMPLE.com./",
            "https://example.com:443/",
        ],
        &[
            "https://example.com:80/",
            "https://example.com:8443/",
            "https://api.example.com/",
            "https://example.com.evil.org/",
            "https://evilexample.com/",
            "https://example.org/?example.com",
        ],
    );
    check(
        "*.example.com",
        &["https://api.example.com/", "https://a.b.example.com/"],
        &[
            "https://example.com/",
            "https://evilexample.com/",
            "https://api.example.com.evil.org/",
            "https://api-example.com/",
        ],
    );
    check(
        "localhost:3000",
        &["http://localhost:3000/", "https://localhost:3000/x"],
        &[
            "http://localhost:3001/",
            "http://localhost/",
            "http://127.0.0.1:3000/",
            "http://localhost.evil.org:3000/",
        ],
    );
    check(
        "127.0.0.1:80",
        &[
            "http://127.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://127.1/",
        ],
        &["http://127.0.0.2/", "http://[::1]/", "http://localhost/"],
    );
    check(
        "[::1]",
        &["http://[::1]/", "https://[0:0::1]/"],
        &["http://127.0.0.1/", "http://[::2]/"],
    );
    check(
        "https://example.com",
        &["https://example.com/"],
        &["http://example.com/", "http://example.com:443/"],
    );
    check(
        "xn--bcher-kva.example",
        &["https://bücher.example/", "https://BÜCHER.example/"],
        &["https://bucher.example/"],
    );
    check(
        "GET,HEAD https://example.com/v1",
        &[
            "https://example.com/v1",
            "HEAD https://example.com/v1/x",
            "https://example.com/v1?q=..%2f",
            "https://example.com/x/../v1/y",
        ],
        &["POST https://example.com/v1", "https://example.com/v2"],
    );
    check(
        "https://example.com/v1",
        &[
            "https://example.com/v1/",
            "https://example.com/v1/a;b=c",
            "https://example.com/v1/ü%20/x..y",
        ],
        &[
            "https://example.com/v10",
            "https://example.com/",
            "https://example.com/V1",
            "https://example.com//v1",
            "https://example.com/v1/../admin",
            "https://example.com/v1/%2e%2e/admin",
            "https://example.com/v1/..%2fadmin",
            "https://example.com/v1/..%252Fadmin",
            "https://example.com/v1/%252e%252e/admin",
            "https://example.com/v1/%25252525252f",
            "https://example.com/v1/..;/admin",
            "https://example.com/v1/..%3b/admin",
            "https://example.com/v1/..%5cadmin",
            "https://example.com/v1/..%c0%afadmin",
            "https://example.com/v1/..%u002fadmin",
        ],
    );
    check(
        "https://example.com/v1/",
        &["https://example.com/v1/", "https://example.com/v1/x"],
        &["https://example.com/v1", "https://example.com/v1x"],
    );
    check(
        "https://example.com/",
        &["https://example.com/", "https://example.com/a%2fb"],
        &["http://example.com/"],
    );
}

#[test]
fn only_a_literal_and_localhost_name_an_address() {
    let check = |rule: &str, text: &str, address: &str, named: bool| {
        let rule: NetworkRule = rule.parse().unwrap();
        let names = rule.names(&attempt(text), address.parse().unwrap());
        assert_eq!(names, named, "`{rule}`, `{text}`, {address}");
    };
    check("10.0.0.5", "https://api.example.com/", "10.0.0.5", true);
    check(
        "10.0.0.5",
        "https://api.example.com/",
        "::ffff:10.0.0.5",
        true,
    );
    check("10.0.0.5", "https://api.example.com/", "10.0.0.6", false);
    check(
        "10.0.0.5",
        "https://api.example.com:8443/",
        "10.0.0.5",
        false,
    );
    check(
        "10.0.0.5:8443",
        "https://api.example.com:8443/",
        "10.0.0.5",
        true,
    );
    check(
        "GET 10.0.0.5",
        "POST https://api.example.com/",
        "10.0.0.5",
        false,
    );
    check(
        "http://10.0.0.5",
        "https://api.example.com/",
        "10.0.0.5",
        false,
    );
    check("[::ffff:10.0.0.5]", "http://10.0.0.5/", "10.0.0.5", true);
    check("[fd00::1]", "http://[fd00::1]/", "fd00::1", true);
    check("localhost", "http://localhost/", "127.0.0.1", true);
    check("localhost", "http://localhost/", "::1", true);
    check("localhost", "http://localhost/", "127.9.9.9", true);
    check("localhost", "http://localhost/", "10.0.0.5", false);
    check("localhost", "http://evil.example/", "127.0.0.1", false);
    check("localhost", "http://127.0.0.1/", "127.0.0.1", false);
    check(
        "api.example.com",
        "https://api.example.com/",
        "10.0.0.5",
        false,
    );
    check(
        "*.example.com",
        "https://api.example.com/",
        "127.0.0.1",
        false,
    );
    check(
        "*.my.localhost",
        "http://a.my.localhost/",
        "127.0.0.1",
        false,
    );
}

#[test]
fn the_least_rule_is_the_origin_and_reads_back() {
    let check = |text: &str, rule: &str| {
        let least = NetworkRule::least(&attempt(text));
        assert_eq!(least.to_string(), rule);
        assert_eq!(rule.parse(), Ok(least.clone()));
        assert!(least.permits(&attempt(text)));
    };
    check("https://example.com/a?b", "https://example.com");
    check("POST http://localhost:3000/", "http://localhost:3000");
    check("https://[::ffff:127.0.0.1]:8443/", "https://127.0.0.1:8443");
    check("http://[fd00::1]/", "http://[fd00::1]");
}

/// Keys of these rules, with a `+` for the blank after methods; a policy of `*` is any public host.
fn keys(policy: &str, grant: &str, request: &str) -> Keys {
    let words = |rules: &str| Words {
        network: rules
            .split_whitespace()
            .map(|it| it.replace('+', " ").parse().unwrap())
            .collect(),
        ..Words::default()
    };
    let identity = Identity {
        name: "weather".parse().unwrap(),
        digest: Digest::of(b"weather"),
    };
    let policy = Policy {
        words: words(policy),
        ..Policy::default()
    };
    let grant = Grant {
        approved: Approved::Digest(identity.digest),
        words: words(grant),
        ..Grant::default()
    };
    Keys::new(identity, policy, grant, words(request))
}

#[test]
fn a_request_passes_when_all_three_keys_permit_it() {
    use Key::{Grant, Policy, Request};
    let check = |policy: &str, grant: &str, request: &str, text: &str, missing: &[Key]| {
        let decided = keys(policy, grant, request).http(&attempt(text));
        let found = decided.map_or_else(|denial| denial.missing, |()| Vec::new());
        assert_eq!(found, missing, "{policy} | {grant} | {request} | {text}");
    };
    let api = "https://api.example.com/";
    check("*", "*", "*", api, &[]);
    check("*", "https://*", "*", "http://api.example.com/", &[Grant]);
    check("*", "*", "*", "https://api.example.com:8443/", &[]);
    check("*", "api.example.com", "*.example.com", api, &[]);
    check(
        "*.example.com",
        "api.example.com",
        "api.example.com",
        api,
        &[],
    );
    check("", "api.example.com", "api.example.com", api, &[Policy]);
    check("*", "", "api.example.com", api, &[Grant]);
    check("*", "api.example.com", "", api, &[Request]);
    check("", "", "", api, &[Policy, Grant, Request]);
    check(
        "*",
        "*.example.com",
        "*.example.com",
        "https://evilexample.com/",
        &[Grant, Request],
    );
    check(
        "*",
        "*.example.com",
        "*.example.com",
        "https://example.com/",
        &[Grant, Request],
    );
    check(
        "*",
        "localhost:3000",
        "localhost:3000",
        "http://localhost:3001/",
        &[Grant, Request],
    );
    check(
        "*",
        "GET+api.example.com",
        "api.example.com",
        "POST https://api.example.com/",
        &[Grant],
    );
    check(
        "https://api.example.com",
        "api.example.com",
        "api.example.com",
        "http://api.example.com/",
        &[Policy],
    );
    check(
        "*",
        "127.0.0.1",
        "127.0.0.1",
        "http://[::ffff:127.0.0.1]/",
        &[],
    );
    check("*", "127.0.0.1", "127.0.0.1", "http://2130706433/", &[]);
    check(
        "*",
        "api.example.com",
        "api.example.com",
        "http://0x7f.1/",
        &[Grant, Request],
    );
}

#[test]
fn an_address_of_ones_own_must_be_named_by_policy_and_grant() {
    use Key::{Grant, Policy};
    let check = |policy: &str, grant: &str, text: &str, address: &str, missing: &[Key]| {
        let keys = keys(
            policy,
            grant,
            "*.example.com localhost:3000 169.254.169.254",
        );
        let decided = keys.address(&attempt(text), address.parse().unwrap());
        let found = decided.map_or_else(|denial| denial.missing, |()| Vec::new());
        assert_eq!(found, missing, "{policy} | {grant} | {text} | {address}");
    };
    let api = "https://api.example.com/";
    check("*", "*.example.com", api, "93.184.216.34", &[]);
    check("*", "*.example.com", api, "2606:4700::1", &[]);
    check("*", "*.example.com", api, "127.0.0.1", &[Policy, Grant]);
    check(
        "*",
        "*.example.com",
        api,
        "::ffff:10.0.0.1",
        &[Policy, Grant],
    );
    check(
        "*",
        "*.example.com",
        api,
        "64:ff9b::a00:1",
        &[Policy, Grant],
    );
    check(
        "*.example.com 10.0.0.1",
        "*.example.com",
        api,
        "10.0.0.1",
        &[Grant],
    );
    check(
        "*.example.com",
        "*.example.com 10.0.0.1",
        api,
        "10.0.0.1",
        &[Policy],
    );
    check(
        "*.example.com 10.0.0.1",
        "*.example.com 10.0.0.1",
        api,
        "10.0.0.1",
        &[],
    );
    check(
        "*.example.com 10.0.0.1:80",
        "*.example.com 10.0.0.1",
        api,
        "10.0.0.1",
        &[Policy],
    );
    let metadata = "http://169.254.169.254/latest/meta-data";
    check(
        "*",
        "169.254.169.254",
        metadata,
        "169.254.169.254",
        &[Policy],
    );
    check(
        "169.254.169.254",
        "169.254.169.254",
        metadata,
        "169.254.169.254",
        &[],
    );
    let local = "http://localhost:3000/";
    check("*", "localhost:3000", local, "127.0.0.1", &[Policy]);
    check("localhost:3000", "localhost:3000", local, "127.0.0.1", &[]);
    check("localhost:3000", "localhost:3000", local, "::1", &[]);
    check(
        "localhost:3000",
        "localhost:3000",
        local,
        "192.168.0.1",
        &[Policy, Grant],
    );
}

#[test]
fn a_remedy_allows_what_was_refused() {
    let keys = keys("*", "*.example.com", "*.example.com");
    let refused = attempt("https://api.example.com/");
    let denial = keys
        .address(&refused, "::ffff:10.0.0.1".parse().unwrap())
        .unwrap_err();
    let lines: Vec<_> = denial.remedies.iter().map(|it| it.lines.as_str()).collect();
    assert_eq!(
        lines,
        [
            "[policy]\nnetwork = [\"*\", \"10.0.0.1:443\"]",
            "[plugins.weather.grants]\nnetwork = [\"*.example.com\", \"10.0.0.1:443\"]",
        ]
    );
}
