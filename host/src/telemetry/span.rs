//! A span others can belong to, and how a trace comes in and goes out.

use std::fmt;
use std::sync::Arc;

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, KeyValue};

use super::operation::Operation;
use super::visit::Visit;
use super::watch::Watch;
use crate::contract::TraceContext;
use crate::names::Identity;

/// What a part of the work belongs to. Cheap to clone; the default is nothing, and what belongs to it is not watched.
#[derive(Clone, Default)]
pub struct Span(pub(super) Option<Watched>);

/// A span, and who watches it.
#[derive(Clone)]
pub(super) struct Watched {
    pub(super) watch: Arc<Watch>,
    pub(super) context: Context,
}

impl Span {
    /// Begins to watch a visit to a plugin as a part of this; nothing when this is nothing.
    pub fn visit(&self, plugin: &Identity, is_call: bool) -> Option<Visit> {
        let watched = self.0.as_ref()?;
        Some(Visit::begin(watched, plugin, is_call))
    }

    /// Begins to watch a request that the host makes to the client as a part of this, such as `elicitation/create`;
    /// nothing when this is nothing. `method` is one of MCP's.
    pub fn asking(&self, method: &'static str) -> Option<Operation> {
        let watched = self.0.as_ref()?;
        Some(Operation::asking(watched, method))
    }

    /// The trace this belongs to, for whatever is made under it.
    pub fn trace(&self) -> Option<TraceContext> {
        self.0.as_ref().map(|watched| written(&watched.context))
    }
}

/// Says only whether it is anything: a trace is nobody's business in a log.
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Span" } else { "no span" })
    }
}

impl Watched {
    /// A span below `parent`.
    pub(super) fn begin(
        watch: Arc<Watch>,
        parent: &Context,
        name: String,
        kind: SpanKind,
        attributes: Vec<KeyValue>,
        link: Option<SpanContext>,
    ) -> Self {
        use opentelemetry::trace::{Link, Tracer as _};

        let links = link.map(Link::with_context).into_iter().collect();
        let builder = watch.tracer.span_builder(name).with_kind(kind);
        let builder = builder.with_attributes(attributes).with_links(links);
        let span = watch.tracer.build_with_context(builder, parent);
        Self {
            context: Context::new().with_span(span),
            watch,
        }
    }
}

/// What a client, or whoever is before it, says a request belongs to.
pub(super) fn remote(claimed: &TraceContext) -> Option<SpanContext> {
    let mut fields = claimed.traceparent.split('-');
    let (_version, trace, span, flags) = (
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    );
    let state = claimed.tracestate.as_deref().unwrap_or_default();
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        // Of the flags that are known, only whether the trace is recorded.
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED,
        true,
        // A state that nobody can read is left out, as W3C asks, and the trace goes on.
        state.parse::<TraceState>().unwrap_or_default(),
    );
    context.is_valid().then_some(context)
}

/// The other way round.
pub(super) fn written(context: &Context) -> TraceContext {
    let span = context.span();
    let context = span.span_context();
    let state = context.trace_state().header();
    TraceContext {
        traceparent: format!(
            "00-{}-{}-{:02x}",
            context.trace_id(),
            context.span_id(),
            context.trace_flags() & TraceFlags::SAMPLED
        ),
        tracestate: (!state.is_empty()).then_some(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(traceparent: &str, tracestate: Option<&str>, expected: Option<(&str, Option<&str>)>) {
        let claimed = TraceContext {
            traceparent: traceparent.to_owned(),
            tracestate: tracestate.map(str::to_owned),
        };
        let read = remote(&claimed)
            .map(|context| written(&Context::new().with_remote_span_context(context)));
        let read = read
            .as_ref()
            .map(|read| (read.traceparent.as_str(), read.tracestate.as_deref()));
        assert_eq!(read, expected, "{traceparent} {tracestate:?}");
    }

    #[test]
    fn a_trace_comes_in_as_it_goes_out() {
        let sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        check(sampled, None, Some((sampled, None)));
        check(sampled, Some("a=1,b=2"), Some((sampled, Some("a=1,b=2"))));
        let not = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        check(not, None, Some((not, None)));
        // Of a later version, what is known; and a state with no reading is left out.
        let later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff";
        check(later, Some("nothing"), Some((sampled, None)));
    }

    #[test]
    fn what_names_no_trace_is_none() {
        check(
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            None,
            None,
        );
        check(
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            None,
            None,
        );
        check("00-x-y-z", None, None);
        check("", None, None);
    }

    #[test]
    fn nothing_belongs_to_nothing() {
        let span = Span::default();
        assert!(span.trace().is_none());
        assert!(span.asking("elicitation/create").is_none());
        assert_eq!(format!("{span:?}"), "no span");
    }
}
