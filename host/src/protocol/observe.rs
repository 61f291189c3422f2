//! Every request of a client, watched from its arrival to its answer, in one place and for every transport.
//!
//! [`Observed`] stands around the handler and hands everything on. The library's handlers are a trait with a method for each
//! request and no place where all of them pass, so each method stands here once: one that was forgotten would be answered
//! by the trait's default instead of the server, which a test keeps from happening.
//!
//! An open subscription is no operation with an answer and is not watched. What the library refuses by itself, before a
//! handler is asked, is not seen here.

#![expect(
    deprecated,
    reason = "logging and resource subscriptions are deprecated in MCP and still served"
)]

use std::borrow::Cow;
use std::sync::OnceLock;

use http::request::Parts;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CancelledNotificationParam,
    CompleteRequestParams, CompleteResult, CustomNotification, CustomRequest, CustomResult,
    DiscoverResult, ErrorCode, ErrorData, GetPromptRequestParams, GetPromptResponse,
    GetSkillRequestParams, GetSkillResult, GetTaskParams, GetTaskResult, InitializeRequestParams,
    InitializeResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListSkillsResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam,
    ProtocolVersion, ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult,
    ReadResourceRequestParams, ReadResourceResponse, ServerConfig, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use tokio_util::sync::CancellationToken;

use super::server::Server;
use super::{Era, from_mcp};
use crate::contract::TraceContext;
use crate::host::Host;
use crate::telemetry::{Incoming, Operation, Outcome, Session, Target, Transport};

/// The server, watched. Without anybody to watch it costs one question for each request.
pub(super) struct Observed {
    server: Server,
    host: Host,
    transport: Transport,
    /// The connection, from when it is one.
    session: OnceLock<Option<Session>>,
}

/// A request that is being watched.
struct Watched {
    operation: Operation,
    era: Era,
    /// Fires when nobody waits for the answer any more.
    cancelled: CancellationToken,
    /// What the client says it is about, until that is known to be one of ours.
    claimed: Claimed,
}

/// What a client says a request is about.
enum Claimed {
    Tool(String),
    Prompt(String),
    Resource(String),
    /// Nothing, or nothing any more.
    Nothing,
}

impl Observed {
    /// The server of one connection. Over a pipe that begins now; over HTTP, where a service may serve a single request,
    /// it begins with `initialize`.
    pub(super) fn new(server: Server, host: Host, transport: Transport) -> Self {
        let observed = Self {
            server,
            host,
            transport,
            session: OnceLock::new(),
        };
        if transport == Transport::Pipe {
            observed.begin_session();
        }
        observed
    }

    fn begin_session(&self) {
        self.session
            .get_or_init(|| self.host.telemetry().session(self.transport));
    }

    /// Begins to watch a request, and leaves word of it for the handler. `method` is one of MCP's.
    fn watch(
        &self,
        method: impl Into<Option<&'static str>>,
        claimed: impl FnOnce() -> Claimed,
        context: &mut RequestContext<RoleServer>,
    ) -> Option<Watched> {
        let telemetry = self.host.telemetry();
        if !telemetry.is_on() {
            return None;
        }
        let version = context.protocol_version();
        let era = Era::speaking(version.as_ref());
        let is_known =
            |version: &&ProtocolVersion| ProtocolVersion::KNOWN_VERSIONS.contains(version);
        let http = context.extensions.get::<Parts>();
        let session = http.filter(|_| era == Era::Legacy);
        let operation = telemetry.operation(Incoming {
            method: method.into(),
            transport: self.transport,
            id: Some(context.id.to_string()),
            protocol_version: version
                .as_ref()
                .filter(is_known)
                .map(ProtocolVersion::as_str),
            session: session.and_then(|http| header(http, "mcp-session-id")),
            http_version: http.map(http_version),
            trace: from_mcp::trace(&context.meta).as_ref(),
            ambient: http.and_then(ambient).as_ref(),
        })?;
        context.extensions.insert(operation.span().clone());
        let mut watched = Watched {
            operation,
            era,
            cancelled: context.ct.clone(),
            claimed: claimed(),
        };
        self.name(&mut watched);
        Some(watched)
    }

    /// Says what a request is about, when that is one of ours. While plugins are being loaded it is not yet, so this is
    /// asked again when the answer is there.
    fn name(&self, watched: &mut Watched) {
        let catalogue = self.host.catalogue_now();
        let target = match &watched.claimed {
            Claimed::Tool(name) => catalogue
                .tool(name)
                .map(|tool| Target::Tool(tool.public.clone())),
            Claimed::Prompt(name) => catalogue
                .prompt(name)
                .map(|prompt| Target::Prompt(prompt.public.clone())),
            // One that is listed. The URI of any other is what the client made of a template: an argument.
            Claimed::Resource(uri) => {
                let mut listed = catalogue.resources().iter();
                listed
                    .find(|resource| &*resource.public == uri)
                    .map(|resource| Target::Resource(resource.public.clone()))
            }
            Claimed::Nothing => None,
        };
        if let Some(target) = target {
            watched.operation.about(target);
            watched.claimed = Claimed::Nothing;
        }
    }

    /// Waits for the answer, and says how it ended.
    async fn ended<T>(
        &self,
        watched: Option<Watched>,
        answer: impl Future<Output = Result<T, ErrorData>>,
        is_error: fn(&T) -> bool,
    ) -> Result<T, ErrorData> {
        let answer = answer.await;
        if let Some(mut watched) = watched {
            self.name(&mut watched);
            watched.operation.end(match &answer {
                _ if watched.cancelled.is_cancelled() => Outcome::Abandoned,
                Ok(answer) if is_error(answer) => Outcome::ToolError,
                Ok(_) => Outcome::Answered,
                Err(error) => Outcome::Error(code(error, watched.era)),
            });
        }
        answer
    }
}

/// For answers that are what they seem.
fn never<T>(_answer: &T) -> bool {
    false
}

fn header<'h>(http: &'h Parts, name: &str) -> Option<&'h str> {
    http.headers.get(name)?.to_str().ok()
}

fn http_version(http: &Parts) -> &'static str {
    match http.version {
        http::Version::HTTP_10 => "1.0",
        http::Version::HTTP_2 => "2",
        http::Version::HTTP_3 => "3",
        _ => "1.1",
    }
}

/// The trace that the HTTP request belongs to, which need not be that of the MCP request in it.
fn ambient(http: &Parts) -> Option<TraceContext> {
    let state = header(http, "tracestate");
    from_mcp::trace_of(header(http, "traceparent")?, state)
}

/// The code as the client gets it: the library writes one of them in another way for modern clients.
fn code(error: &ErrorData, era: Era) -> i32 {
    match (error.code, era) {
        (ErrorCode::RESOURCE_NOT_FOUND, Era::Modern) => ErrorCode::INVALID_PARAMS.0,
        (code, _) => code.0,
    }
}

fn is_tool_error(answer: &CallToolResponse) -> bool {
    matches!(answer, CallToolResponse::Complete(result) if result.is_error == Some(true))
}

/// Requests that are about nothing in particular, and those whose subject would make a series of its own.
macro_rules! watched {
    ($($handler:ident($($request:ident: $params:ty)?) -> $answer:ty = $method:literal;)*) => {
        $(async fn $handler(
            &self,
            $($request: $params,)?
            mut context: RequestContext<RoleServer>,
        ) -> Result<$answer, ErrorData> {
            let watched = self.watch($method, || Claimed::Nothing, &mut context);
            self.ended(watched, self.server.$handler($($request,)? context), never).await
        })*
    };
}

impl ServerHandler for Observed {
    watched! {
        ping() -> () = "ping";
        discover() -> DiscoverResult = "server/discover";
        complete(request: CompleteRequestParams) -> CompleteResult = "completion/complete";
        set_level(request: SetLevelRequestParams) -> () = "logging/setLevel";
        list_tools(request: Option<PaginatedRequestParams>) -> ListToolsResult = "tools/list";
        list_prompts(request: Option<PaginatedRequestParams>) -> ListPromptsResult = "prompts/list";
        list_resources(request: Option<PaginatedRequestParams>) -> ListResourcesResult = "resources/list";
        list_resource_templates(request: Option<PaginatedRequestParams>) -> ListResourceTemplatesResult
            = "resources/templates/list";
        subscribe(request: SubscribeRequestParams) -> () = "resources/subscribe";
        unsubscribe(request: UnsubscribeRequestParams) -> () = "resources/unsubscribe";
        get_task(request: GetTaskParams) -> GetTaskResult = "tasks/get";
        update_task(request: UpdateTaskParams) -> () = "tasks/update";
        cancel_task(request: CancelTaskParams) -> () = "tasks/cancel";
        list_skills(request: Option<PaginatedRequestParams>) -> ListSkillsResult = "skills/list";
        get_skill(request: GetSkillRequestParams) -> GetSkillResult = "skills/get";
        read_resource_directory(request: ReadResourceDirectoryRequestParams) -> ReadResourceDirectoryResult
            = "resources/directory/read";
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        mut context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        self.begin_session();
        let watched = self.watch("initialize", || Claimed::Nothing, &mut context);
        self.ended(watched, self.server.initialize(request, context), never)
            .await
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        mut context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let watched = self.watch(
            "tools/call",
            || Claimed::Tool(request.name.to_string()),
            &mut context,
        );
        self.ended(
            watched,
            self.server.call_tool(request, context),
            is_tool_error,
        )
        .await
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        mut context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let watched = self.watch(
            "prompts/get",
            || Claimed::Prompt(request.name.clone()),
            &mut context,
        );
        self.ended(watched, self.server.get_prompt(request, context), never)
            .await
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        mut context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let watched = self.watch(
            "resources/read",
            || Claimed::Resource(request.uri.clone()),
            &mut context,
        );
        self.ended(watched, self.server.read_resource(request, context), |_| {
            false
        })
        .await
    }

    /// Its method is whatever the client wrote.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        mut context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let watched = self.watch(None, || Claimed::Nothing, &mut context);
        self.ended(
            watched,
            self.server.on_custom_request(request, context),
            never,
        )
        .await
    }

    fn get_info(&self) -> ServerConfig {
        self.server.get_info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.server.supported_protocol_versions()
    }

    fn negotiate_initialize(
        &self,
        request: &InitializeRequestParams,
    ) -> Result<InitializeResult, ErrorData> {
        self.server.negotiate_initialize(request)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.server.get_tool(name)
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        self.server.accepted_subscription_filter(requested)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.server.listen(context).await
    }

    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.server.on_cancelled(notification, context).await;
    }

    async fn on_progress(
        &self,
        notification: ProgressNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.server.on_progress(notification, context).await;
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.server.on_initialized(context).await;
    }

    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        self.server.on_roots_list_changed(context).await;
    }

    async fn on_custom_notification(
        &self,
        notification: CustomNotification,
        context: NotificationContext<RoleServer>,
    ) {
        self.server
            .on_custom_notification(notification, context)
            .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The trait has a default for each, which would answer in the server's place.
    #[test]
    fn everything_the_server_serves_is_handed_on() {
        let server = include_str!("server.rs");
        let (_, handlers) = server
            .split_once("impl ServerHandler for Server {")
            .expect("the server is a handler");
        let lines = handlers.lines().take_while(|line| *line != "}");
        let names: Vec<_> = lines
            .filter_map(|line| {
                let line = line.strip_prefix("    ")?;
                let line = line.strip_prefix("async ").unwrap_or(line);
                line.strip_prefix("fn ")?.split('(').next()
            })
            .collect();
        assert!(names.len() > 10, "{names:?}");
        let (own, _) = include_str!("observe.rs")
            .split_once("mod tests")
            .expect("these are the tests");
        for name in names {
            let is_handed_on = [format!("fn {name}("), format!("        {name}(")];
            assert!(
                is_handed_on.iter().any(|it| own.contains(it)),
                "`{name}` is not handed on"
            );
        }
    }

    #[test]
    fn the_way_a_request_came_is_read_from_its_head() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let request = http::Request::post("/mcp")
            .header("mcp-session-id", "s1")
            .header("traceparent", parent)
            .header("tracestate", "a=1")
            .body(())
            .expect("it is a request");
        let (head, ()) = request.into_parts();
        assert_eq!(header(&head, "mcp-session-id"), Some("s1"));
        assert_eq!(http_version(&head), "1.1");
        let trace = ambient(&head).expect("it names a trace");
        assert_eq!(trace.traceparent, parent);
        assert_eq!(trace.tracestate.as_deref(), Some("a=1"));
        let (bare, ()) = http::Request::new(()).into_parts();
        assert!(ambient(&bare).is_none());
    }

    #[test]
    fn an_error_has_the_code_that_the_client_gets() {
        let missing = ErrorData::resource_not_found("x", None);
        assert_eq!(code(&missing, Era::Legacy), -32002);
        assert_eq!(code(&missing, Era::Modern), -32602);
        let other = ErrorData::internal_error("x", None);
        assert_eq!(code(&other, Era::Modern), -32603);
    }
}
