//! An MCP client that speaks either era and remembers what it was told meanwhile.
//!
//! The library hands each notification to a task of its own, so notices may be remembered in another order than they
//! came, and a moment after the answer. Wait for them with [`Client::hears`].

#![expect(
    deprecated,
    reason = "logging and resource subscriptions are deprecated in MCP and still served"
)]

use std::ops::Deref;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig,
    Implementation, LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam,
    ProtocolVersion, RequestMetaObject, ResourceUpdatedNotificationParam, ServerNotification,
    SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
};
use rmcp::service::{
    ClientLifecycleMode, ClientServiceExt as _, NotificationContext, RunningService, ServiceError,
    Subscription,
};
use rmcp::transport::{IntoTransport, TokioChildProcess};
use rmcp::{ClientHandler, RoleClient};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// How long a test waits for what must come. It is met only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which way of speaking MCP the client uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// Revision 2025-11-25: a session, opened with `initialize`.
    Legacy,
    /// Revision 2026-07-28: `server/discover`, and each request stands for itself.
    Modern,
}

impl Era {
    /// Both, for tests of what is the same in either.
    pub const BOTH: [Self; 2] = [Self::Legacy, Self::Modern];

    fn lifecycle(self) -> ClientLifecycleMode {
        match self {
            Self::Legacy => ClientLifecycleMode::Initialize,
            Self::Modern => ClientLifecycleMode::Discover {
                preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            },
        }
    }
}

/// Something the server said without being asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// How far a call has come.
    Progress {
        progress: f64,
        total: Option<f64>,
        message: Option<String>,
    },
    /// A line of a plugin's log.
    Log {
        level: String,
        logger: Option<String>,
        data: Value,
    },
    /// The list of tools is out of date.
    ToolsChanged,
    /// The list of prompts is out of date.
    PromptsChanged,
    /// The list of resources is out of date.
    ResourcesChanged,
    /// A resource is out of date.
    ResourceUpdated(String),
}

impl Notice {
    fn of(notification: ServerNotification) -> Option<Self> {
        match notification {
            ServerNotification::ToolListChangedNotification(_) => Some(Self::ToolsChanged),
            ServerNotification::PromptListChangedNotification(_) => Some(Self::PromptsChanged),
            ServerNotification::ResourceListChangedNotification(_) => Some(Self::ResourcesChanged),
            ServerNotification::ResourceUpdatedNotification(updated) => {
                Some(Self::ResourceUpdated(updated.params.uri))
            }
            _ => None,
        }
    }
}

/// What a client is and what it was told.
#[derive(Clone)]
pub struct Ear {
    config: ClientConfig,
    notices: watch::Sender<Vec<Notice>>,
}

impl Ear {
    fn remember(&self, notice: Notice) {
        self.notices.send_modify(|notices| notices.push(notice));
    }
}

impl ClientHandler for Ear {
    fn get_info(&self) -> ClientConfig {
        self.config.clone()
    }

    async fn on_progress(
        &self,
        told: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let ProgressNotificationParam {
            progress,
            total,
            message,
            ..
        } = told;
        self.remember(Notice::Progress {
            progress,
            total,
            message,
        });
    }

    async fn on_logging_message(
        &self,
        told: LoggingMessageNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let LoggingMessageNotificationParam {
            level,
            logger,
            data,
            ..
        } = told;
        let level = format!("{level:?}").to_lowercase();
        self.remember(Notice::Log {
            level,
            logger,
            data,
        });
    }

    async fn on_resource_updated(
        &self,
        told: ResourceUpdatedNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.remember(Notice::ResourceUpdated(told.uri));
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.remember(Notice::ToolsChanged);
    }

    async fn on_prompt_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.remember(Notice::PromptsChanged);
    }

    async fn on_resource_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.remember(Notice::ResourcesChanged);
    }
}

/// A client in conversation. It is also the library's own client: `list_all_tools`, `read_resource`, `get_prompt`, …
pub struct Client {
    era: Era,
    running: RunningService<RoleClient, Ear>,
}

impl Deref for Client {
    type Target = RunningService<RoleClient, Ear>;

    fn deref(&self) -> &Self::Target {
        &self.running
    }
}

/// Begins a conversation over two streams, as a client that can do nothing in particular.
pub async fn connect<R, W>(read: R, write: W, era: Era) -> Client
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    open((read, write), era, ClientCapabilities::default()).await
}

/// Begins a conversation with a program that serves its standard input and output.
pub async fn spawn(command: tokio::process::Command, era: Era) -> Client {
    let child = TokioChildProcess::new(command).expect("the program starts");
    open(child, era, ClientCapabilities::default()).await
}

/// Begins a conversation over any transport, as a client with these capabilities.
pub async fn open<T, E, A>(transport: T, era: Era, capabilities: ClientCapabilities) -> Client
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let mut config = ClientConfig::default();
    config.protocol_version = ProtocolVersion::LATEST_WITH_INITIALIZE;
    config.capabilities = capabilities;
    config.client_info = Implementation::new("test-client", "1.0.0");
    let ear = Ear {
        config,
        notices: watch::Sender::new(Vec::new()),
    };
    let running = ear
        .serve_with_lifecycle(transport, era.lifecycle())
        .await
        .expect("the conversation begins");
    Client { era, running }
}

impl Client {
    /// Calls a tool. The library asks for progress with every request.
    pub async fn call(&self, name: &str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        self.call_with(name, arguments, RequestMetaObject::new())
            .await
    }

    /// Calls a tool and asks for log lines from `level` up, such as `info`, in the way of the era.
    pub async fn call_with_log(
        &self,
        name: &str,
        arguments: Value,
        level: &str,
    ) -> Result<CallToolResult, ServiceError> {
        let level: LoggingLevel =
            serde_json::from_value(level.into()).expect("one of MCP's levels");
        let mut meta = RequestMetaObject::new();
        match self.era {
            Era::Legacy => self.set_level(SetLevelRequestParams::new(level)).await?,
            Era::Modern => meta.set_log_level(level),
        }
        self.call_with(name, arguments, meta).await
    }

    /// Calls a tool with some `_meta`.
    pub async fn call_with(
        &self,
        name: &str,
        arguments: Value,
        meta: RequestMetaObject,
    ) -> Result<CallToolResult, ServiceError> {
        let mut request = CallToolRequestParams::new(name.to_owned());
        request.arguments = arguments.as_object().cloned();
        request.meta = Some(meta);
        match self.call_tool_once(request).await? {
            CallToolResponse::Complete(result) => Ok(result),
            _ => Err(ServiceError::UnexpectedResponse),
        }
    }

    /// Asks to be told of every list and of these resources, in the way of the era. It lasts as long as the guard.
    pub async fn follow(&self, uris: &[&str]) -> Result<Following, ServiceError> {
        if self.era == Era::Legacy {
            for uri in uris {
                self.subscribe(SubscribeRequestParams::new(*uri)).await?;
            }
            return Ok(Following(None));
        }
        let mut filter = SubscriptionFilter::builder()
            .tools_list_changed()
            .prompts_list_changed()
            .resources_list_changed();
        for uri in uris {
            filter = filter.resource_subscription(*uri);
        }
        let subscription = self.listen(filter.build()).await?;
        let pump = remember_all(subscription, self.service().clone());
        Ok(Following(Some(tokio::spawn(pump))))
    }

    /// What was told so far.
    pub fn notices(&self) -> Vec<Notice> {
        self.service().notices.borrow().clone()
    }

    /// Waits until the notices are as `expected`, and gives them.
    pub async fn hears(&self, expected: impl FnMut(&Vec<Notice>) -> bool) -> Vec<Notice> {
        let mut told = self.service().notices.subscribe();
        let heard = tokio::time::timeout(PATIENCE, told.wait_for(expected)).await;
        match heard {
            Ok(Ok(notices)) => notices.clone(),
            _ => panic!("what was expected did not come, only {:?}", self.notices()),
        }
    }

    /// Ends the conversation and waits for the end of a child process.
    pub async fn close(self) {
        self.running
            .cancel()
            .await
            .expect("the client's task does not panic");
    }
}

/// A client that follows changes, until this is dropped.
pub struct Following(Option<tokio::task::JoinHandle<()>>);

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(pump) = &self.0 {
            pump.abort();
        }
    }
}

async fn remember_all(mut subscription: Subscription, ear: Ear) {
    while let Ok(Some(notification)) = subscription.next().await {
        if let Some(notice) = Notice::of(notification) {
            ear.remember(notice);
        }
    }
}
