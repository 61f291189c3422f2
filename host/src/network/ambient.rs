//! The host's own requests. No plugin is behind them, so no key is asked: they go to where the operator says.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};

use super::{Network, Refusal, Wait};
use crate::permissions::HttpAttempt;

/// Bytes of an answer that are read. A collector that is content says a few, and nothing here needs more of them.
const ANSWER_BYTES_MAX: usize = 64 << 10;

impl Network {
    /// Posts something of the host's own, within `wait` in all. A redirect is an answer like any other, so what is in
    /// `headers` goes to nobody else.
    ///
    /// # Errors
    /// When the URL has no reading, or nobody answers in time.
    pub async fn post_ambient(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
        wait: Duration,
    ) -> Result<Response<Bytes>, Refusal> {
        let deadline = Instant::now() + wait;
        let posting = self.post_until(url, headers, body, deadline);
        timeout_at(deadline, posting)
            .await
            .map_err(|_| Refusal::Timeout(Wait::End))?
    }

    async fn post_until(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Response<Bytes>, Refusal> {
        let broken = |error: &dyn ToString| Refusal::Protocol(error.to_string());
        let (attempt, query) = HttpAttempt::with_query(Method::POST.as_str(), url)?;
        let host = HeaderValue::from_str(&attempt.authority()).map_err(|error| broken(&error))?;
        let target = match query {
            Some(query) => format!("{}?{query}", attempt.path),
            None => attempt.path.clone(),
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = target.parse::<Uri>().map_err(|error| broken(&error))?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(header::HOST, host);
        request
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));

        let stream = self.connect_ambient(&attempt, deadline).await?;
        let (mut sender, driver) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| broken(&error))?;
        // The connection lives as long as this call, which waits for the answer beside it.
        let exchange = async {
            let answer = sender.send_request(request).await;
            let (parts, mut body) = answer.map_err(|error| broken(&error))?.into_parts();
            let mut bytes = BytesMut::new();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| broken(&error))?;
                let data = frame.data_ref().map_or(&[][..], |data| data);
                if bytes.len() + data.len() > ANSWER_BYTES_MAX {
                    break;
                }
                bytes.extend_from_slice(data);
            }
            Ok(Response::from_parts(parts, bytes.freeze()))
        };
        let driven = async {
            // What breaks the connection is told to whoever waits for the answer.
            drop(driver.await);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            answer = exchange => answer,
            () = driven => Err(Refusal::Timeout(Wait::End)),
        }
    }
}
