//! The head of a request: what a guest may not say in it, and how much it weighs.

use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;

use super::Refusal;

/// What is between this host and the next one, and not the guest's to say: with any of these it could make two servers
/// read one request as two, or claim to be sent to somebody else.
const HOSTS_OWN: [HeaderName; 13] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Leaves out what is the host's own, and gives the length of the body that was announced.
pub(super) fn clean(headers: &mut HeaderMap) -> Result<Option<u64>, Refusal> {
    let length = announced_length(headers)?;
    // What `connection` names is for one hop as well.
    let mut named = Vec::new();
    for value in headers.get_all(header::CONNECTION) {
        let words = value.to_str().unwrap_or_default().split(',');
        named.extend(words.filter_map(|word| word.trim().parse::<HeaderName>().ok()));
    }
    for name in HOSTS_OWN.iter().chain(&named) {
        headers.remove(name);
    }
    Ok(length)
}

fn announced_length(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let mut values = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let digits = value.to_str().unwrap_or_default();
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse() {
        Ok(length) if is_number && values.next().is_none() => Ok(Some(length)),
        _ => Err(Refusal::Protocol(
            "the request has a `content-length` with two readings".to_owned(),
        )),
    }
}

/// Bytes of a head as it is sent.
pub(super) fn weight(parts: &Parts) -> usize {
    /// ` `, ` HTTP/1.1`, two line ends.
    const LINE_BYTES: usize = 14;
    /// `: ` and a line end.
    const FIELD_BYTES: usize = 4;
    let target = parts.uri.path_and_query().map_or(1, |it| it.as_str().len());
    let fields = parts.headers.iter();
    let fields: usize = fields
        .map(|(name, value)| name.as_str().len() + value.len() + FIELD_BYTES)
        .sum();
    parts.method.as_str().len() + target + fields + LINE_BYTES
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn what_is_the_hosts_own_is_left_out() {
        let mut headers = HeaderMap::new();
        for name in HOSTS_OWN.iter().filter(|it| **it != header::CONTENT_LENGTH) {
            headers.insert(name, HeaderValue::from_static("evil"));
        }
        headers.insert(
            header::CONNECTION,
            HeaderValue::from_static("close, X-Hop, \u{7f}".trim_end_matches('\u{7f}')),
        );
        headers.insert("x-hop", HeaderValue::from_static("1"));
        headers.insert("x-end", HeaderValue::from_static("2"));
        assert!(matches!(clean(&mut headers), Ok(None)));
        let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["x-end"]);
    }

    #[test]
    fn a_length_has_one_reading_or_is_refused() {
        let check = |values: &[&'static str], length: Option<Option<u64>>| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_LENGTH, HeaderValue::from_static(value));
            }
            assert_eq!(clean(&mut headers).ok(), length, "{values:?}");
        };
        check(&[], Some(None));
        check(&["5"], Some(Some(5)));
        check(&["5", "5"], None);
        check(&["5", "6"], None);
        check(&["5, 6"], None);
        check(&["+5"], None);
        check(&[" 5"], None);
        check(&[""], None);
        check(&["0x5"], None);
        check(&["99999999999999999999"], None);
    }
}
