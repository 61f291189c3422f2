//! What a client hears of a call while it runs: progress and log lines, in order, before the answer.

#![expect(
    deprecated,
    reason = "log notifications are deprecated in MCP and still served"
)]

use rmcp::RoleServer;
use rmcp::model::{
    LoggingLevel, LoggingMessageNotification, LoggingMessageNotificationParam,
    ProgressNotification, ProgressNotificationParam, ProgressToken, ServerNotification,
};
use rmcp::service::Peer;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::contract::{Event, LogLevel};
use crate::limits::NOTIFICATION_QUEUE;

/// A client that wants to hear of its call.
pub(super) struct Listener {
    peer: Peer<RoleServer>,
    cancelled: CancellationToken,
    progress: Option<ProgressToken>,
    log_level: Option<LogLevel>,
    /// The last progress told; the next one is greater.
    reached: f64,
}

impl Listener {
    /// A listener, when the client wants to hear anything at all.
    pub(super) fn new(
        peer: Peer<RoleServer>,
        cancelled: CancellationToken,
        progress: Option<ProgressToken>,
        log_level: Option<LogLevel>,
    ) -> Option<Self> {
        let listens = progress.is_some() || log_level.is_some();
        listens.then_some(Self {
            peer,
            cancelled,
            progress,
            log_level,
            reached: f64::NEG_INFINITY,
        })
    }

    /// Tells one event, unless the client did not ask for it or has cancelled.
    async fn tell(&mut self, event: Event) {
        let Some(notice) = self.notice(event) else {
            return;
        };
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => {}
            // It fails when the client has gone, and then nobody waits for the answer either.
            _ = self.peer.send_notification(notice) => {}
        }
    }

    /// What the client is told of an event, when it asked for such events.
    fn notice(&mut self, event: Event) -> Option<ServerNotification> {
        match event {
            Event::Progress {
                progress,
                total,
                message,
            } => {
                let token = self.progress.as_ref()?;
                let report = report(token, self.reached, progress, total, message)?;
                self.reached = progress;
                Some(ProgressNotification::new(report).into())
            }
            Event::Log {
                level,
                logger,
                data,
            } => {
                let wanted = self.log_level.is_some_and(|least| level >= least);
                wanted.then(|| LoggingMessageNotification::new(line(level, logger, data)).into())
            }
        }
    }
}

/// Runs a call and tells `listener` its events: all of them before this returns, and none after.
///
/// A call without a listener gets no channel and costs nothing here.
pub(super) async fn heard<T, F: Future<Output = T>>(
    listener: Option<Listener>,
    call: impl FnOnce(Option<mpsc::Sender<Event>>) -> F,
) -> T {
    let Some(mut listener) = listener else {
        return call(None).await;
    };
    let (events, mut queue) = mpsc::channel(NOTIFICATION_QUEUE);
    let (answered, mut answer_is_there) = oneshot::channel::<()>();
    let call = call(Some(events));
    let call = async move {
        let answer = call.await;
        drop(answered);
        answer
    };
    let tell = async move {
        loop {
            tokio::select! {
                biased;
                event = queue.recv() => match event {
                    Some(event) => listener.tell(event).await,
                    None => return,
                },
                _ = &mut answer_is_there => break,
            }
        }
        // Whoever still holds a sender has nothing to say that anybody waits for.
        queue.close();
        while let Some(event) = queue.recv().await {
            listener.tell(event).await;
        }
    };
    tokio::join!(call, tell).0
}

/// A progress notification, when `progress` is a number greater than the one before.
fn report(
    token: &ProgressToken,
    reached: f64,
    progress: f64,
    total: Option<f64>,
    message: Option<String>,
) -> Option<ProgressNotificationParam> {
    if !progress.is_finite() || progress <= reached {
        return None;
    }
    let mut notice = ProgressNotificationParam::new(token.clone(), progress);
    notice.total = total.filter(|total| total.is_finite());
    notice.message = message;
    Some(notice)
}

fn line(level: LogLevel, logger: Option<String>, data: Value) -> LoggingMessageNotificationParam {
    let level = match level {
        LogLevel::Debug => LoggingLevel::Debug,
        LogLevel::Info => LoggingLevel::Info,
        LogLevel::Notice => LoggingLevel::Notice,
        LogLevel::Warning => LoggingLevel::Warning,
        LogLevel::Error => LoggingLevel::Error,
        LogLevel::Critical => LoggingLevel::Critical,
        LogLevel::Alert => LoggingLevel::Alert,
        LogLevel::Emergency => LoggingLevel::Emergency,
    };
    let mut notice = LoggingMessageNotificationParam::new(level, data);
    notice.logger = logger;
    notice
}

#[cfg(test)]
mod tests {
    use rmcp::model::NumberOrString;

    use super::*;

    #[test]
    fn progress_only_grows_and_is_always_a_number() {
        let token = ProgressToken(NumberOrString::Number(1));
        let check = |reached: f64, progress: f64, told: bool| {
            let notice = report(&token, reached, progress, Some(f64::NAN), None);
            assert_eq!(notice.is_some(), told, "{reached} {progress}");
            assert!(notice.is_none_or(|notice| notice.total.is_none()));
        };
        check(f64::NEG_INFINITY, 0.0, true);
        check(0.0, 0.5, true);
        check(0.5, 0.5, false);
        check(0.5, 0.4, false);
        check(0.5, f64::NAN, false);
        check(0.5, f64::INFINITY, false);
    }

    #[tokio::test]
    async fn a_call_nobody_listens_to_gets_no_channel() {
        assert!(heard(None, async |events| events.is_none()).await);
    }
}
