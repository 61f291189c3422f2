//! Asks a plugin what it offers: all pages of all lists, bounded together.

use futures::FutureExt;
use tokio::time::Instant;

use super::call::Call;
use super::claims::{self, Nonsense};
use super::failure::{Failure, FailureKind, fits};
use super::plugin::{Plugin, nonsense};
use super::redaction;
use super::usage::Usage;
use super::visit::Allowance;
use crate::contract::{CacheHint, Lists};
use crate::limits::{LIST_BYTES_MAX, LIST_ITEMS_MAX, LIST_PAGES_MAX};

/// Collects one list. Each page comes from a fresh instance, so a page costs as much as a call.
macro_rules! collect {
    ($plugin:expr, $call_with:expr, $allowance:expr, $indices:expr, $call:ident, $items:ident, $read:path) => {{
        let mut collected = Collected::default();
        let mut cursor = None;
        for _ in 0..LIST_PAGES_MAX {
            let (indices, asked) = ($indices.clone(), cursor.take());
            let answer = $plugin
                .visit(
                    "list",
                    $call_with.clone(),
                    $allowance,
                    move |store, instance| {
                        async move {
                            let guest = fits(indices.load(&mut *store, &instance))?;
                            guest.$call(store, asked.as_deref()).await
                        }
                        .boxed()
                    },
                )
                .await?;
            let page = match answer.value {
                Ok(page) => page,
                Err(error) => {
                    let said = claims::plugin_error(error)
                        .map_or_else(|said| said, |error| format!("its list fails: {error}"));
                    return Err($plugin.failure(nonsense(said), answer.usage));
                }
            };
            let hint = page.cache.map(claims::cache_hint);
            cursor = page.next_cursor;
            let (items, until) = (page.$items, $allowance.until);
            collected = $plugin
                .read_page(move || collected.with_page(items, hint, $read, until))
                .await?;
            if cursor.is_none() {
                break;
            }
        }
        if cursor.is_some() {
            let said = format!("its list has more than {LIST_PAGES_MAX} pages");
            return Err($plugin.failure(nonsense(said), Usage::default()));
        }
        collected
    }};
}

impl Plugin {
    /// Asks for everything the plugin offers. `call` comes with each page.
    ///
    /// # Errors
    /// When the plugin breaks a limit, fails, or lists something that makes no sense. A plugin whose list cannot be
    /// trusted in one place is not trusted in the others.
    pub async fn lists(&self, call: &Call) -> Result<Lists, Failure> {
        let allowance = Allowance::for_the_host("starting", self.limits.start_ms);
        let interfaces = &self.code.interfaces;
        let mut lists = Lists::default();
        if let Some(tools) = &interfaces.tools {
            let tools = collect!(self, call, allowance, tools, call_list, tools, claims::tool);
            (lists.tools, lists.cache[0]) = tools.into_parts();
        }
        if let Some(resources) = &interfaces.resources {
            let listed = collect!(
                self,
                call,
                allowance,
                resources,
                call_list,
                resources,
                claims::resource
            );
            (lists.resources, lists.cache[1]) = listed.into_parts();
            let templates = collect!(
                self,
                call,
                allowance,
                resources,
                call_list_templates,
                templates,
                claims::template
            );
            (lists.templates, lists.cache[2]) = templates.into_parts();
        }
        if let Some(prompts) = &interfaces.prompts {
            let prompts = collect!(
                self,
                call,
                allowance,
                prompts,
                call_list,
                prompts,
                claims::prompt
            );
            (lists.prompts, lists.cache[3]) = prompts.into_parts();
        }
        let bytes = serde_json::to_vec(&lists).map_or(usize::MAX, |json| json.len());
        if bytes > LIST_BYTES_MAX {
            let allowed = LIST_BYTES_MAX as u64;
            let kind = FailureKind::AnswerTooLarge {
                limit: None,
                allowed,
            };
            return Err(self.failure(kind, Usage::default()));
        }
        if let Some(redactor) = &self.redactor
            && redaction::stands_in(redactor, &lists)
        {
            let said = "one of its secrets stands in its lists".to_owned();
            return Err(self.failure(nonsense(said), Usage::default()));
        }
        Ok(lists)
    }
}

impl Plugin {
    /// Reads a page of claims, away from the threads that serve everybody: compiling a thousand schemas takes a while.
    async fn read_page<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<Collected<T>, Nonsense> + Send + 'static,
    ) -> Result<Collected<T>, Failure> {
        match tokio::task::spawn_blocking(read).await {
            Ok(collected) => {
                collected.map_err(|said| self.failure(nonsense(said), Usage::default()))
            }
            Err(_panic) => Err(self.failure(FailureKind::HostPanic, Usage::default())),
        }
    }
}

/// What was listed so far.
struct Collected<T> {
    items: Vec<T>,
    /// None before the first page; then the hint of all pages, when all gave one.
    hint: Option<Option<CacheHint>>,
}

impl<T> Default for Collected<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            hint: None,
        }
    }
}

impl<T> Collected<T> {
    /// Reads a page, unless it takes until after `until`.
    fn with_page<C>(
        mut self,
        page: Vec<C>,
        hint: Option<CacheHint>,
        read: impl Fn(C) -> Result<T, Nonsense>,
        until: Instant,
    ) -> Result<Self, Nonsense> {
        if self.items.len() + page.len() > LIST_ITEMS_MAX {
            return Err(format!(
                "it lists more than {LIST_ITEMS_MAX} items of one kind"
            ));
        }
        for claimed in page {
            if Instant::now() > until {
                return Err("its lists take too long to read".to_owned());
            }
            self.items.push(read(claimed)?);
        }
        self.hint = Some(match self.hint {
            None => hint,
            Some(before) => CacheHint::narrower(before, hint),
        });
        Ok(self)
    }

    fn into_parts(self) -> (Vec<T>, Option<CacheHint>) {
        (self.items, self.hint.flatten())
    }
}
