//! The bounds nobody sets: they keep the host's own structures small, and no honest plugin meets them.

/// Bytes of a component's file. The largest honest ones, interpreters with their libraries, have about 20 MB.
pub const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// Bytes of a plugin.json.
pub const MANIFEST_BYTES_MAX: usize = 256 << 10;

/// Bytes of a README that a component carries. Long ones have a tenth of it; what has more is a manual.
pub const README_BYTES_MAX: usize = 256 << 10;

/// Bytes of the licence texts that a component carries. The longest licence in use has 35 kB, and notices add a few times
/// as much.
pub const LICENSE_BYTES_MAX: usize = 256 << 10;

/// Fuel between two asynchronous yields. With fewer units yielding costs a third of a guest's speed, with more a
/// neighbour waits for several milliseconds (measured).
pub const FUEL_YIELD_INTERVAL: u64 = 100_000;

/// Milliseconds for compiling one component. 18 MB of Python take six seconds on two cores, and ten times as long in a
/// host built without optimisation.
pub const COMPILE_MS_MAX: u64 = 120_000;

/// Bytes of address space for the process that compiles. An interpreter of 18 MB needs 360 MB.
pub const COMPILE_MEMORY_BYTES_MAX: u64 = 4 << 30;

/// Bytes of compiled code. Three times the component is usual, and the largest component allowed stays well below.
pub const COMPILED_BYTES_MAX: u64 = 1 << 30;

/// Items in one plugin's list of tools, resources, templates or prompts. No model chooses among more.
pub const LIST_ITEMS_MAX: usize = 1_000;

/// Pages of one list; with one item on each it still ends.
pub const LIST_PAGES_MAX: usize = 1_000;

/// Bytes of all lists of one plugin together.
pub const LIST_BYTES_MAX: usize = 4 << 20;

/// Bytes of one description or title.
pub const DESCRIPTION_BYTES_MAX: usize = 16 << 10;

/// Bytes of one URI or URI template.
pub const URI_BYTES_MAX: usize = 4 << 10;

/// Bytes of one tool's schema.
pub const SCHEMA_BYTES_MAX: usize = 256 << 10;

/// How deep JSON from a guest may nest. serde_json refuses more than 128 by itself.
pub const JSON_DEPTH_MAX: usize = 100;

/// Items in a page of a list that a client asks for. Most servers fit on one page, and many clients read only the first.
pub const PAGE_ITEMS: usize = 200;

/// Bytes of one log line; more are cut.
pub const LOG_LINE_BYTES_MAX: usize = 4 << 10;

/// Suggestions in one answer to `completion/complete`, as MCP sets it.
pub const SUGGESTIONS_MAX: usize = 100;

/// Random bytes in one request of a guest.
pub const RANDOM_BYTES_MAX: u64 = 64 << 10;

/// Instances alive at one time in the whole host. Each reserves address space, and memory only as it is used.
pub const LIVE_INSTANCES_MAX: u32 = 256;

/// Notifications that wait for the client; a guest that sends more waits in turn.
pub const NOTIFICATION_QUEUE: usize = 64;

/// Bytes of linear memory in all instances of all plugins together, unless the operator says otherwise. A desktop spares
/// that much for all its tools, and sixteen plugins at their own default fit into it.
pub const TOTAL_MEMORY_BYTES: u64 = 2 << 30;

/// Bytes of one key of a key-value store. A key is a name or a path, and a page of keys has to fit into one answer.
pub const KEY_BYTES_MAX: usize = 1 << 10;

/// Bytes of one value of a key-value store. It crosses whole and is kept whole in memory; what is larger is a file.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// Keys in one page of a key-value store. With the longest keys a page has a quarter of a megabyte.
pub const KEY_PAGE_ITEMS: usize = 256;
/// Bytes of the head of one HTTP response. Browsers stop at a few times as much, most servers at an eighth of it.
pub const HTTP_HEAD_BYTES_MAX: usize = 64 << 10;

/// Bytes of one set of HTTP fields that a guest builds, as they lie in the host's memory. A guest may hold as many sets as
/// handles, and most servers refuse more than 8 kB.
pub const HTTP_FIELDS_BYTES_MAX: usize = 32 << 10;

/// Bytes of a request's body that wait in the host at one time, twice; a guest that writes more waits in turn.
pub const HTTP_CHUNK_BYTES_MAX: usize = 16 << 10;

/// Questions in one round of a call. A form has many fields; nobody answers more forms at once.
pub const INPUT_REQUESTS_MAX: usize = 16;

/// Bytes of the key of a question.
pub const INPUT_KEY_BYTES_MAX: usize = 128;

/// Bytes of the state a plugin hands from one round to the next. It travels through the client twice; what is larger
/// belongs into storage.
pub const ROUND_STATE_BYTES_MAX: usize = 64 << 10;

/// Bytes of one round's questions. They travel with the state, so that answers can be held against them.
pub const ROUND_QUESTIONS_BYTES_MAX: usize = 128 << 10;

/// Rounds of one call. A person who was asked as often as that has given up.
pub const ROUNDS_MAX: u32 = 32;

/// Bytes of all responses to one round's questions. A model's words fit, and a file does not.
pub const RESPONSES_BYTES_MAX: usize = 1 << 20;

/// Bytes of a sealed state as it comes back: the plugin's, the questions and the responses, in JSON and base64.
pub const SEALED_BYTES_MAX: usize = 4 << 20;

/// Bytes of what surrounds a call that becomes a task: the client's `_meta` and capabilities. They are kept with the task.
pub const TASK_CONTEXT_BYTES_MAX: usize = 64 << 10;

/// How often one round of a task is begun. A host may be killed in the middle for many a reason, and a round that was begun
/// three times and never ended may be that reason.
pub const TASK_ATTEMPTS_MAX: u32 = 3;

/// Milliseconds between two polls of a task whose plugin does not say. Nobody waits for a task to the second.
pub const TASK_POLL_MS: u64 = 1_000;

/// The fewest milliseconds between two polls that a plugin can make clients keep. Each poll reads from disk.
pub const TASK_POLL_MS_MIN: u64 = 50;

/// The most. A client that polls more seldom looks as if nothing came back.
pub const TASK_POLL_MS_MAX: u64 = 60_000;

/// Folders a client names. An editor has a few open.
pub const ROOTS_MAX: usize = 1_000;

/// Skills of one plugin. Clients keep the heads of all of them before a model.
pub const SKILLS_MAX: usize = 64;

/// Files of one skill, as many as SEP-2640 lets a server give out.
pub const SKILL_FILES_MAX: usize = 512;

/// Bytes of all skills of a plugin, which are kept in memory. SEP-2640 allows one skill as many.
pub const SKILLS_BYTES_MAX: usize = 16 << 20;

/// Folders within folders of a skill. Honest ones have one or two.
pub const SKILL_DEPTH_MAX: usize = 8;

/// Bytes of a path in a plugin's skills. Encoded three times as long, it still fits into a URI.
pub const SKILL_PATH_BYTES_MAX: usize = 1_024;
