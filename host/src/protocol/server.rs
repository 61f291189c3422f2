//! The requests a client can make, one method each. Every one goes through [`guarded`], and every call of a plugin
//! through [`Server::ask`].

#![expect(
    deprecated,
    reason = "logging and resource subscriptions are deprecated in MCP and still served"
)]

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CancelTaskParams, CompleteRequestParams,
    CompleteResult, CustomRequest, CustomResult, DiscoverResult, ErrorData, GetPromptRequestParams,
    GetPromptResponse, GetSkillRequestParams, GetSkillResult, GetTaskParams, GetTaskResult,
    InitializeRequestParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListSkillsResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult, ReadResourceRequestParams,
    ReadResourceResponse, ServerCapabilities, ServerConfig, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use tokio_util::sync::CancellationToken;

use super::asker::{Asker, Round};
use super::changes::{self, Audience};
use super::events::{self, Listener};
use super::guard::{guarded, server_info};
use super::older::Lacks;
use super::session::{Session, within_bounds};
use super::tasks::{TaskRequests, without_tasks};
use super::to_mcp::Subject;
use super::{Era, from_mcp, misfits, pages, skills, to_mcp};
use crate::host::{Call, CallError, Host, Reply, Retry, ToolReply};
use crate::limits::Limits;

/// Milliseconds for which a client may keep what `server/discover` said. Long enough for the requests that open a
/// conversation; afterwards a plugin may have come or gone, and the instructions with it.
const DISCOVER_TTL_MS: u64 = 10_000;

/// Time for the host to end a cancelled call by itself, on top of the longest time a guest can be given for it.
const ABANDON_MARGIN: Duration = Duration::from_secs(1);

/// All plugins as one MCP server, for one connection. Cheap to clone; a clone belongs to the same connection.
#[derive(Clone)]
pub(super) struct Server {
    host: Host,
    session: Arc<Session>,
}

impl Server {
    /// A server for a new connection. When `closing` fires, open subscriptions end with a last word to the client.
    pub(super) fn new(host: Host, closing: &CancellationToken) -> Self {
        Self {
            host,
            session: Arc::new(Session::new(closing)),
        }
    }

    fn tasks(&self) -> TaskRequests<'_> {
        TaskRequests {
            host: &self.host,
            session: &self.session,
        }
    }

    /// Makes one call of the host: with what surrounds it, telling its events, and given up soon after the client
    /// cancels it.
    async fn ask<T, F>(
        &self,
        mut request: RequestContext<RoleServer>,
        ask: impl FnOnce(Call) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let surroundings = from_mcp::surroundings(&mut request, &self.session);
        let from_mcp::Surroundings {
            context,
            progress,
            log_level,
        } = surroundings;
        let cancelled = request.ct;
        let span = request.extensions.get().cloned().unwrap_or_default();
        let listener = Listener::new(request.peer, cancelled.clone(), progress, log_level);
        let answer = events::heard(listener, |events| {
            // Boxed, since the library moves a handler's future many times, and an unoptimised build keeps each copy.
            Box::pin(ask(Call {
                context,
                events,
                log_level,
                span,
                cancelled: cancelled.clone(),
                ..Call::default()
            }))
        });
        tokio::select! {
            answer = answer => answer,
            () = abandoned(&cancelled) => Err(CallError::Cancelled),
        }
    }

    /// The same for a call that may ask before it answers.
    async fn ask_in_rounds<'a, T>(
        &self,
        request: RequestContext<RoleServer>,
        retry: Retry,
        round: impl Fn(Retry, Call) -> Round<'a, T>,
    ) -> Result<Reply<T>, CallError> {
        let asker = Asker::of(&request);
        self.ask(request, |call| asker.complete(retry, call, round))
            .await
    }
}

/// Comes back when a call was cancelled and the host has not ended it. Dropping the call then stops the guest for sure.
async fn abandoned(cancelled: &CancellationToken) {
    cancelled.cancelled().await;
    let grace = Duration::from_millis(Limits::ceiling().cancel_grace_ms);
    tokio::time::sleep(grace + ABANDON_MARGIN).await;
}

/// What the server can do. It is the same with any set of plugins: a list can be empty today and not tomorrow.
fn capabilities() -> ServerCapabilities {
    ServerCapabilities::builder()
        .enable_logging()
        .enable_completions()
        .enable_prompts()
        .enable_prompts_list_changed()
        .enable_resources()
        .enable_resources_list_changed()
        .enable_resources_subscribe()
        .enable_tools()
        .enable_tool_list_changed()
        .enable_tasks()
        .enable_skills_with_directory_read()
        .build()
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut config = ServerConfig::new(capabilities()).with_server_info(server_info());
        config.instructions = self.host.instructions().map(|words| words.to_string());
        config
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        guarded(Era::Legacy, async {
            self.session.keep_changes(&self.host);
            let answer = self.negotiate_initialize(&request)?;
            let lacks = Lacks::in_revision(&answer.protocol_version);
            context.peer.set_peer_info(request);
            Ok(without_tasks(lacks.without(answer)))
        })
        .await
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        // There are none for a client that did not initialize, or says it is ready for the second time.
        let Some(changes) = self.session.take_changes() else {
            return;
        };
        let subscriptions = self.session.subscriptions().clone();
        let audience = Audience::Legacy {
            peer: context.peer,
            subscriptions,
        };
        let ending = self.session.ending().clone();
        tokio::spawn(ending.run_until_cancelled_owned(changes::tell(changes, audience)));
    }

    /// Answers at once: clients ask this of a process that they end right after, and do not wait for plugins.
    async fn discover(
        &self,
        _context: RequestContext<RoleServer>,
    ) -> Result<DiscoverResult, ErrorData> {
        guarded(Era::Modern, async {
            let versions = self.supported_protocol_versions().into_owned();
            Ok(DiscoverResult::from_server_info(versions, self.get_info())
                .with_ttl_ms(DISCOVER_TTL_MS)
                .with_cache_scope(CacheScope::Private))
        })
        .await
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let (era, lacks) = (Era::of(&context), Lacks::of(&context));
        let listed = guarded(era, async {
            pages::tools(&*self.host.catalogue().await, request, era)
        });
        listed.await.map(|page| lacks.without(page))
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let (era, lacks) = (Era::of(&context), Lacks::of(&context));
        let listed = guarded(era, async {
            pages::prompts(&*self.host.catalogue().await, request, era)
        });
        listed.await.map(|page| lacks.without(page))
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let (era, lacks) = (Era::of(&context), Lacks::of(&context));
        let listed = guarded(era, async {
            pages::resources(&*self.host.catalogue().await, request, era)
        });
        listed.await.map(|page| lacks.without(page))
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let (era, lacks) = (Era::of(&context), Lacks::of(&context));
        let listed = guarded(era, async {
            pages::templates(&*self.host.catalogue().await, request, era)
        });
        listed.await.map(|page| lacks.without(page))
    }

    /// The library compares HTTP headers with the tool's input schema, for modern requests only.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        let catalogue = self.host.catalogue_now();
        catalogue
            .tool(name)
            .map(|offered| to_mcp::tool(offered, Era::Modern))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (era, lacks) = (Era::of(&context), Lacks::of(&context));
        let called = guarded(era, async {
            let retry = from_mcp::retry(request.input_responses, request.request_state);
            let arguments = request.arguments.unwrap_or_default();
            let round = |retry, call| -> Round<'_, _> {
                let arguments = arguments.clone();
                Box::pin(self.host.call_tool(&request.name, arguments, retry, call))
            };
            let reply = self.ask_in_rounds(context, retry, round).await;
            let reply = reply.and_then(|reply| match reply {
                Reply::Complete(ToolReply::Result(result)) => {
                    Ok(to_mcp::tool_result(result, era).into())
                }
                Reply::Complete(ToolReply::Task(task)) => {
                    Ok(CallToolResponse::Task(to_mcp::begun_task(task)))
                }
                Reply::InputRequired(asked) => to_mcp::input_required(asked).map(Into::into),
            });
            match reply {
                Ok(response) => Ok(response),
                Err(failure) => Ok(to_mcp::tool_failure(failure)?.into()),
            }
        });
        called.await.map(|answer| lacks.without(answer))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let lacks = Lacks::of(&context);
        let filled_in = guarded(Era::of(&context), async {
            let retry = from_mcp::retry(request.input_responses, request.request_state);
            let arguments = from_mcp::prompt_arguments(request.arguments)?;
            let round = |retry, call| -> Round<'_, _> {
                let arguments = arguments.clone();
                Box::pin(self.host.get_prompt(&request.name, arguments, retry, call))
            };
            let reply = self.ask_in_rounds(context, retry, round).await;
            let reply = reply.and_then(|reply| match reply {
                Reply::Complete(result) => Ok(to_mcp::prompt_result(result).into()),
                Reply::InputRequired(asked) => to_mcp::input_required(asked).map(Into::into),
            });
            reply.map_err(|failure| to_mcp::error(failure, Subject::Named))
        });
        filled_in.await.map(|answer| lacks.without(answer))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        guarded(Era::of(&context), async {
            let retry = from_mcp::retry(request.input_responses, request.request_state);
            let round = |retry, call| -> Round<'_, _> {
                Box::pin(self.host.read_resource(&request.uri, retry, call))
            };
            let reply = self.ask_in_rounds(context, retry, round).await;
            let reply = reply.and_then(|reply| match reply {
                Reply::Complete(result) => Ok(to_mcp::read_result(result).into()),
                Reply::InputRequired(asked) => to_mcp::input_required(asked).map(Into::into),
            });
            reply.map_err(|failure| to_mcp::error(failure, Subject::Resource(&request.uri)))
        })
        .await
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        self.tasks().get(request, context).await
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.tasks().update(request, context).await
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.tasks().cancel(request, context).await
    }

    async fn list_skills(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListSkillsResult, ErrorData> {
        guarded(Era::of(&context), async {
            skills::list(&*self.host.catalogue().await, request)
        })
        .await
    }

    async fn get_skill(
        &self,
        request: GetSkillRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetSkillResult, ErrorData> {
        guarded(Era::of(&context), async {
            skills::get(&*self.host.catalogue().await, &request)
        })
        .await
    }

    async fn read_resource_directory(
        &self,
        request: ReadResourceDirectoryRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        guarded(Era::of(&context), async {
            skills::folder(&*self.host.catalogue().await, request)
        })
        .await
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        guarded(Era::of(&context), async {
            let from_mcp::Completion {
                reference,
                argument,
                value,
                others,
            } = from_mcp::completion(request)?;
            self.ask(context, |call| {
                self.host.complete(reference, argument, value, others, call)
            })
            .await
            .map(to_mcp::suggestions)
            .map_err(|failure| to_mcp::error(failure, Subject::Named))
        })
        .await
    }

    /// Here ends every request that fits none of the others.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(misfits::refuse(request.method, Era::of(&context)))
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.session
            .set_log_level(from_mcp::log_level(request.level));
        Ok(())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let subscribed = self.session.subscriptions().add(request.uri);
        subscribed.map_err(|refused| ErrorData::invalid_params(refused.to_string(), None))
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.session.subscriptions().remove(&request.uri);
        Ok(())
    }

    /// All that is asked for, within bounds. The library acknowledges it before [`Self::listen`] begins, so changes are
    /// kept from here on.
    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        self.session.keep_changes(&self.host);
        let mut accepted = requested.clone();
        accepted.resource_subscriptions = requested
            .resource_subscriptions
            .as_deref()
            .map(within_bounds);
        Some(accepted)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        guarded(Era::Modern, async {
            let kept = self.session.take_changes();
            let changes = kept.unwrap_or_else(|| self.host.changes());
            let audience = Audience::Modern(context.sink().clone());
            tokio::select! {
                () = context.cancelled() => {}
                () = self.session.ending().cancelled() => {}
                () = changes::tell(changes, audience) => {}
            }
            Ok(())
        })
        .await
    }
}
