//! From a line to a message, parsed once.
//!
//! The library reads a message by trying one of its many types after the other on a buffered copy, and tries a call of a
//! tool as the fourteenth. Here the method is read first, and then its parameters as their own type, straight from the
//! text. What does not fit at once is given to the library, so whatever it accepts is accepted, as the same message; only
//! members that nobody reads are looked at less closely.
//!
//! Arguments are not passed on as text. A text in which a name stands twice means one thing to the check against the
//! schema and another to a plugin that reads the first; printed anew it means the same to both.

use std::fmt;
use std::marker::PhantomData;

use rmcp::model::{
    CancelledNotification, CancelledNotificationParam, ClientJsonRpcMessage, ClientNotification,
    ClientRequest, Extensions, InitializedNotification, ListToolsRequest, PaginatedRequestParams,
    PingRequest, Request, RequestId, RequestMetaObject, RequestOptionalParam, RequestParamsMeta,
};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

/// Reads a message.
pub(super) fn parse(text: &str) -> Result<ClientJsonRpcMessage, serde_json::Error> {
    parse_frequent(text).or_else(|_| serde_json::from_str(text))
}

/// Reads a message of one of the frequent methods, in its usual form.
fn parse_frequent(text: &str) -> Result<ClientJsonRpcMessage, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let message = deserializer.deserialize_map(Envelope)?;
    deserializer.end()?;
    Ok(message)
}

/// The members of a request or a notification.
#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Member {
    Jsonrpc,
    Id,
    Method,
    Params,
}

struct Envelope;

impl<'de> Visitor<'de> for Envelope {
    type Value = ClientJsonRpcMessage;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request or a notification")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut version, mut id, mut method, mut body) = (None, None, None, None);
        while let Some(member) = members.next_key()? {
            let is_new = match member {
                Member::Jsonrpc => version.replace(members.next_value::<&str>()?).is_none(),
                Member::Id => id.replace(members.next_value::<RequestId>()?).is_none(),
                Member::Method => method.replace(members.next_value::<&str>()?).is_none(),
                Member::Params => {
                    let method = method.ok_or_else(|| A::Error::missing_field("method"))?;
                    body.replace(members.next_value_seed(ParamsOf(method))?)
                        .is_none()
                }
            };
            if !is_new {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        let (Some("2.0"), Some(method)) = (version, method) else {
            return Err(A::Error::custom("not a message"));
        };
        let body = match body {
            Some(body) => body,
            None => Body::without_params(method)?,
        };
        match (body, id) {
            (Body::Request(request), Some(id)) => Ok(ClientJsonRpcMessage::request(request, id)),
            (Body::Notification(notification), None) => {
                Ok(ClientJsonRpcMessage::notification(notification))
            }
            _ => Err(A::Error::custom("a request without an id, or the reverse")),
        }
    }
}

/// What a message is about: its method and its parameters.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and a box would be an allocation for each message"
)]
enum Body {
    Request(ClientRequest),
    Notification(ClientNotification),
}

impl Body {
    fn without_params<E: Error>(method: &str) -> Result<Self, E> {
        Ok(match method {
            "ping" => Self::Request(PingRequest::default().into()),
            "tools/list" => Self::Request(ListToolsRequest::default().into()),
            "notifications/initialized" => {
                Self::Notification(InitializedNotification::default().into())
            }
            _ => return Err(E::custom("not a frequent method without parameters")),
        })
    }
}

/// Reads parameters as those of a method.
struct ParamsOf<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for ParamsOf<'_> {
    type Value = Body;

    fn deserialize<D: Deserializer<'de>>(self, params: D) -> Result<Body, D::Error> {
        Ok(Body::Request(match self.0 {
            "tools/call" => ClientRequest::CallToolRequest(request(params)?),
            "tools/list" => ClientRequest::ListToolsRequest(page(params)?),
            "prompts/get" => ClientRequest::GetPromptRequest(request(params)?),
            "prompts/list" => ClientRequest::ListPromptsRequest(page(params)?),
            "resources/read" => ClientRequest::ReadResourceRequest(request(params)?),
            "resources/list" => ClientRequest::ListResourcesRequest(page(params)?),
            "resources/templates/list" => {
                ClientRequest::ListResourceTemplatesRequest(page(params)?)
            }
            "notifications/cancelled" => return cancelled(params),
            _ => return Err(D::Error::custom("not a frequent method with parameters")),
        }))
    }
}

/// A request with parameters, whose `_meta` is kept where the library looks for it.
fn request<'de, D, M, P>(params: D) -> Result<Request<M, P>, D::Error>
where
    D: Deserializer<'de>,
    M: Default,
    P: Deserialize<'de> + RequestParamsMeta,
{
    let mut params: P = params.deserialize_map(Object(PhantomData))?;
    let extensions = extensions(params.meta_mut().take());
    let mut request = Request::new(params);
    request.extensions = extensions;
    Ok(request)
}

/// A request for a page of a list.
fn page<'de, D, M>(params: D) -> Result<RequestOptionalParam<M, PaginatedRequestParams>, D::Error>
where
    D: Deserializer<'de>,
    M: Default,
{
    let mut params: PaginatedRequestParams = params.deserialize_map(Object(PhantomData))?;
    let extensions = extensions(params.meta.take());
    let mut request = RequestOptionalParam::with_param(params);
    request.extensions = extensions;
    Ok(request)
}

fn extensions(meta: Option<RequestMetaObject>) -> Extensions {
    let mut extensions = Extensions::new();
    if let Some(meta) = meta {
        extensions.insert(meta);
    }
    extensions
}

fn cancelled<'de, D: Deserializer<'de>>(params: D) -> Result<Body, D::Error> {
    let mut params: CancelledNotificationParam = params.deserialize_map(Object(PhantomData))?;
    let meta = params.meta.take();
    let mut notification = CancelledNotification::new(params);
    if let Some(meta) = meta {
        notification.extensions.insert(meta);
    }
    Ok(Body::Notification(notification.into()))
}

/// A structure read from an object, and from nothing else: by itself one would be read from an array as well.
struct Object<P>(PhantomData<P>);

impl<'de, P: Deserialize<'de>> Visitor<'de> for Object<P> {
    type Value = P;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<P, A::Error> {
        P::deserialize(MapAccessDeserializer::new(members))
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::{GetExtensions as _, JsonRpcMessage};
    use serde_json::Value;

    use super::*;

    /// All that can be seen of a message. `extensions` are not printed by the library.
    fn all(message: &ClientJsonRpcMessage) -> (String, Value, String) {
        let meta = match message {
            JsonRpcMessage::Request(request) => {
                let extensions = request.request.extensions();
                format!("{:?}", extensions.get::<RequestMetaObject>())
            }
            JsonRpcMessage::Notification(notification) => {
                let extensions = notification.notification.extensions();
                let meta = extensions.get::<rmcp::model::NotificationMetaObject>();
                format!("{meta:?}")
            }
            _ => String::new(),
        };
        let text = serde_json::to_value(message).expect("messages are JSON");
        (format!("{message:?}"), text, meta)
    }

    fn same_as_library(text: &str) {
        let ours = parse(text);
        let theirs = serde_json::from_str::<ClientJsonRpcMessage>(text);
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => assert_eq!(all(ours), all(theirs), "{text}"),
            (Err(ours), Err(theirs)) => assert_eq!(ours.to_string(), theirs.to_string(), "{text}"),
            _ => panic!("{text}: {ours:?} {theirs:?}"),
        }
    }

    const METHODS: [&str; 20] = [
        "ping",
        "initialize",
        "server/discover",
        "completion/complete",
        "logging/setLevel",
        "prompts/get",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
        "resources/read",
        "resources/subscribe",
        "subscriptions/listen",
        "tools/call",
        "tools/list",
        "tasks/get",
        "notifications/cancelled",
        "notifications/initialized",
        "notifications/progress",
        "notifications/roots/list_changed",
        "x/y",
    ];

    const PARAMS: [&str; 31] = [
        "{}",
        "null",
        "[]",
        "[\"a\",{}]",
        "1",
        "\"a\"",
        "true",
        r#"{"name":"a"}"#,
        r#"{"name":"a","uri":"b://c","requestId":1,"taskId":"t"}"#,
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","arguments":{}}"#,
        r#"{"name":"a","arguments":null}"#,
        r#"{"name":"a","arguments":[]}"#,
        r#"{"name":"a","arguments":{"x":1,"x":2,"y":[1.0,-0.0,1e300,18446744073709551615,-9223372036854775808]}}"#,
        r#"{"name":"a","arguments":{"x":12345678901234567890123456789,"y":0.1}}"#,
        r#"{"arguments":{"x":"\u00e9\ud83d\ude00\n"},"name":"\u0061"}"#,
        r#"{"name":5}"#,
        r#"{"name":"a","inputResponses":{"q":{"action":"accept"}},"requestState":"s"}"#,
        r#"{"name":"a","inputResponses":[],"requestState":5}"#,
        r#"{"name":"a","inputResponses":null,"requestState":null,"_meta":null}"#,
        r#"{"name":"a","_meta":{}}"#,
        r#"{"name":"a","_meta":{"progressToken":1,"b":{"c":[1,2.5,null]}}}"#,
        r#"{"_meta":{"progressToken":"p"},"uri":"a://b","cursor":"c"}"#,
        r#"{"_meta":[],"name":"a"}"#,
        r#"{"_meta":{},"_meta":{},"name":"a"}"#,
        r#"{"cursor":5}"#,
        r#"{"cursor":null}"#,
        r#"{"requestId":"a","reason":"b","_meta":{"c":1}}"#,
        r#"{"requestId":1.0,"reason":null}"#,
        r#"{"requestId":1.5}"#,
        r#"{"name":"a","more":{"x":[1,{"y":2}]}}"#,
    ];

    const IDS: [&str; 11] = [
        "1",
        "-1",
        "1.0",
        "1.5",
        "\"a\"",
        "\"\"",
        "null",
        "{}",
        "true",
        "9223372036854775807",
        "18446744073709551615",
    ];

    #[test]
    fn every_message_is_read_as_the_library_reads_it() {
        for method in METHODS {
            same_as_library(&format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#
            ));
            same_as_library(&format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#));
            for params in PARAMS {
                same_as_library(&format!(
                    r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#
                ));
                same_as_library(&format!(
                    r#"{{"params":{params},"method":"{method}","jsonrpc":"2.0"}}"#
                ));
                same_as_library(&format!(
                    r#"{{"method":"{method}","params":{params},"jsonrpc":"2.0"}}"#
                ));
            }
        }
        for id in IDS {
            same_as_library(&format!(
                r#" {{ "method" : "tools/call", "params" : {{"name":"a"}}, "jsonrpc":"2.0", "id" : {id} }} "#
            ));
        }
    }

    #[test]
    fn every_envelope_is_read_as_the_library_reads_it() {
        for text in [
            "",
            " ",
            "{",
            "{}",
            "[]",
            "null",
            "{}{}",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"} x"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}{}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{},"params":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","error":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","more":{"x":1}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":5}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"a":1}}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"x"}}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"x"}}"#,
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        ] {
            same_as_library(text);
        }
    }

    #[test]
    fn arguments_may_be_nested_as_deep_as_the_library_reads_them() {
        for depth in 100..140 {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            same_as_library(&format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"a","arguments":{{"x":{open}{close}}}}}}}"#
            ));
        }
    }

    #[test]
    fn only_what_nobody_reads_is_looked_at_less_closely() {
        let read = |method: &str, value: &str| {
            let text = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"name":"a","arguments":{{"x":{value}}}}}}}"#
            );
            assert!(serde_json::from_str::<ClientJsonRpcMessage>(&text).is_err());
            parse(&text).is_ok()
        };
        for value in ["1e999", r#""\ud83d""#] {
            assert!(!read("tools/call", value));
            assert!(read("tools/list", value));
        }
    }

    /// Without it, a change of the library or of this file could send every message the long way unnoticed.
    #[test]
    fn frequent_messages_are_read_the_short_way() {
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"x"}}"#,
            r#"{"method":"tools/call","params":{"name":"a","arguments":{},"_meta":{"progressToken":1}},"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a://b"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
            r#"{"method":"notifications/initialized","jsonrpc":"2.0"}"#,
        ] {
            assert!(parse_frequent(text).is_ok(), "{text}");
        }
    }
}
