//! Which of the two ways of speaking MCP a request came in.

use rmcp::RoleServer;
use rmcp::model::ProtocolVersion;
use rmcp::service::RequestContext;

/// The newest revision of MCP this host speaks.
pub const NEWEST_VERSION: &str = "2026-07-28";

/// A way of speaking MCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Revision 2025-11-25 and older: a session, opened with `initialize`.
    Legacy,
    /// Revision 2026-07-28: each request stands for itself.
    Modern,
}

impl Era {
    /// The era of one request. Either can come over the same connection.
    pub(super) fn of(request: &RequestContext<RoleServer>) -> Self {
        Self::speaking(request.protocol_version().as_ref())
    }

    /// The era of a revision.
    pub(super) fn speaking(version: Option<&ProtocolVersion>) -> Self {
        match version {
            Some(version) if *version >= ProtocolVersion::NO_INITIALIZE => Self::Modern,
            _ => Self::Legacy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_revision_is_the_one_the_library_speaks() {
        assert_eq!(ProtocolVersion::LATEST.as_str(), NEWEST_VERSION);
    }
}
