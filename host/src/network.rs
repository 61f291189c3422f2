//! The way out: HTTP requests of plugins, each checked, resolved once, and sent to the address that was checked.
//!
//! There is one [`Network`] in a process, and one [`Gate`] for each plugin. What a call has used up is kept in its
//! [`CallGate`]. A request is asked about with the very text that is sent, so nothing is checked one way and read another.
//! Beside them the host itself can post what is its own, to where its operator says (`ambient`).
//!
//! Absent on purpose: redirects are not followed, since the guest's next request has to pass the gate again; proxies are
//! not taken from the environment, since they would resolve names elsewhere; connections are not used twice, since the
//! second request would skip the check of the address; HTTP/2 is not spoken.

mod ambient;
mod body;
mod connect;
mod document;
mod gate;
mod head;
mod refusal;
mod resolve;
mod script;
mod tally;
mod tls;

use std::sync::Arc;

pub use body::{ResponseBody, drain};
pub use document::{BadUrl, DocumentUrl};
pub use gate::{CallGate, Gate, Patience};
pub use refusal::{Refusal, Wait};
pub use resolve::Resolve;
pub use script::{Respond, Wanted};
pub use tally::Traffic;
pub use tls::{Roots, Trust};

/// What all gates of a process share: whom it trusts and how it finds addresses. Cheap to clone, and nothing is read
/// before the first request needs it.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    tls: tls::Tls,
    resolver: Arc<dyn Resolve>,
    /// Who answers in the place of everybody else, where the network is made up.
    script: Option<Arc<dyn Respond>>,
}

/// The system's own list of authorities, and its own way to find addresses.
impl Default for Network {
    fn default() -> Self {
        Self::new(Trust::default())
    }
}

impl Network {
    /// A network that finds addresses as the system does.
    pub fn new(trust: Trust) -> Self {
        Self::with_resolver(trust, Arc::new(resolve::System::default()))
    }

    /// A network that finds addresses in another way.
    pub fn with_resolver(trust: Trust, resolver: Arc<dyn Resolve>) -> Self {
        Self(Arc::new(Inner {
            tls: tls::Tls::new(trust),
            resolver,
            script: None,
        }))
    }

    fn made_up(script: Arc<dyn Respond>) -> Self {
        Self(Arc::new(Inner {
            tls: tls::Tls::new(Trust::default()),
            resolver: Arc::new(resolve::Nowhere),
            script: Some(script),
        }))
    }
}
