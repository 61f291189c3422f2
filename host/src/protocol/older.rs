//! What an older revision of MCP has no form for, and how it is left out for a client that speaks one.
//!
//! A form that a client does not know can make it refuse the whole answer, and most of all a kind of content: in every
//! revision those are a closed set. What a client of the newest legacy revision cannot read is left out in `to_mcp`.

use rmcp::RoleServer;
use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, GetPromptResponse, InitializeResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, Prompt,
    PromptArgument, ProtocolVersion, Resource, ResourceTemplate, Tool,
};
use rmcp::service::RequestContext;

/// What a revision has no form for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lacks {
    /// Sounds, and what tools say of their manners: came with 2025-03-26.
    sounds: bool,
    /// Links, titles and structured answers: came with 2025-06-18.
    links: bool,
    /// Icons: came with 2025-11-25.
    icons: bool,
}

impl Lacks {
    /// What the revision of a request has no form for.
    pub(super) fn of(request: &RequestContext<RoleServer>) -> Self {
        request
            .protocol_version()
            .map_or_else(Self::default, |version| Self::in_revision(&version))
    }

    /// What a revision has no form for. Revisions are dates, so a later one is the greater text.
    pub(super) fn in_revision(version: &ProtocolVersion) -> Self {
        Self {
            sounds: *version < ProtocolVersion::V_2025_03_26,
            links: *version < ProtocolVersion::V_2025_06_18,
            icons: *version < ProtocolVersion::V_2025_11_25,
        }
    }

    /// Whether a client with this gap can read a block. Words, pictures and carried resources have always been there.
    fn allows(self, block: &ContentBlock) -> bool {
        match block {
            ContentBlock::Audio(_) => !self.sounds,
            ContentBlock::ResourceLink(_) => !self.links,
            _ => true,
        }
    }

    /// The same answer without what the client has no form for.
    pub(super) fn without<T: Older>(self, mut answer: T) -> T {
        if self != Self::default() {
            answer.leave_out(self);
        }
        answer
    }
}

/// An answer that an older client may not be able to read.
pub(super) trait Older {
    /// Leaves out what is lacking.
    fn leave_out(&mut self, lacks: Lacks);
}

impl Older for CallToolResponse {
    fn leave_out(&mut self, lacks: Lacks) {
        if let Self::Complete(result) = self {
            result.leave_out(lacks);
        }
    }
}

impl Older for CallToolResult {
    fn leave_out(&mut self, lacks: Lacks) {
        let n_before = self.content.len();
        self.content.retain(|block| lacks.allows(block));
        let n_left_out = n_before - self.content.len();
        if n_left_out > 0 {
            // The model should not take what it sees for all there is.
            self.content.push(ContentBlock::text(format!(
                "[{n_left_out} of the blocks of this answer cannot be shown in this client's revision of MCP]"
            )));
        }
        if lacks.links {
            self.structured_content = None;
        }
    }
}

impl Older for GetPromptResponse {
    fn leave_out(&mut self, lacks: Lacks) {
        if let Self::Complete(result) = self {
            result
                .messages
                .retain(|message| lacks.allows(&message.content));
        }
    }
}

impl Older for ListToolsResult {
    fn leave_out(&mut self, lacks: Lacks) {
        self.tools.iter_mut().for_each(|tool| tool.leave_out(lacks));
    }
}

impl Older for Tool {
    fn leave_out(&mut self, lacks: Lacks) {
        if lacks.sounds {
            self.annotations = None;
        }
        if lacks.links {
            self.title = None;
            self.output_schema = None;
        }
        if lacks.icons {
            self.icons = None;
        }
    }
}

impl Older for ListPromptsResult {
    fn leave_out(&mut self, lacks: Lacks) {
        self.prompts
            .iter_mut()
            .for_each(|prompt| prompt.leave_out(lacks));
    }
}

impl Older for Prompt {
    fn leave_out(&mut self, lacks: Lacks) {
        if lacks.links {
            self.title = None;
            let arguments = self.arguments.iter_mut().flatten();
            arguments.for_each(|argument: &mut PromptArgument| argument.title = None);
        }
        if lacks.icons {
            self.icons = None;
        }
    }
}

/// Makes it for a list whose entries differ from others' in the name of one field only.
macro_rules! titled {
    ($($list:ident.$entries:ident: $entry:ident)*) => {$(
        impl Older for $list {
            fn leave_out(&mut self, lacks: Lacks) {
                self.$entries.iter_mut().for_each(|entry| entry.leave_out(lacks));
            }
        }

        impl Older for $entry {
            fn leave_out(&mut self, lacks: Lacks) {
                if lacks.links {
                    self.title = None;
                    if let Some(annotations) = &mut self.annotations {
                        annotations.last_modified = None;
                    }
                }
                if lacks.icons {
                    self.icons = None;
                }
            }
        }
    )*};
}

titled! {
    ListResourcesResult.resources: Resource
    ListResourceTemplatesResult.resource_templates: ResourceTemplate
}

impl Older for InitializeResult {
    fn leave_out(&mut self, lacks: Lacks) {
        if lacks.sounds {
            self.capabilities.completions = None;
        }
        if lacks.links {
            self.server_info.title = None;
        }
        if lacks.icons {
            self.server_info.description = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_revision_lacks_what_came_after_it() {
        let check = |version: ProtocolVersion, sounds, links, icons| {
            let lacks = Lacks {
                sounds,
                links,
                icons,
            };
            assert_eq!(Lacks::in_revision(&version), lacks, "{version}");
        };
        check(ProtocolVersion::V_2024_11_05, true, true, true);
        check(ProtocolVersion::V_2025_03_26, false, true, true);
        check(ProtocolVersion::V_2025_06_18, false, false, true);
        check(ProtocolVersion::V_2025_11_25, false, false, false);
        check(ProtocolVersion::V_2026_07_28, false, false, false);
    }
}
