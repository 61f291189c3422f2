//! What `wit-bindgen` makes of the contract, for the rare plugin that needs a corner the SDK does not cover.
//!
//! [`host`] holds the shared types and the host's functions. Each other module holds one exported interface and the
//! macro that exports it, so that a component exports exactly what its plugin offers.

#![allow(missing_docs, reason = "the WIT files document what is generated here")]

pub use wit_bindgen::rt;

/// The shared types, and what a plugin may call. Every other module uses these types.
pub mod host {
    wit_bindgen::generate!({
        world: "host",
        path: "../wit",
        runtime_path: "::portcullis_plugin::bindings::rt",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
    });
}

/// Defines the module of one exported interface.
macro_rules! exported {
    ($(#[$doc:meta])* $module:ident, $world:literal $(, $inline:literal)?) => {
        $(#[$doc])*
        pub mod $module {
            wit_bindgen::generate!({
                world: $world,
                path: "../wit",
                $(inline: $inline,)?
                runtime_path: "::portcullis_plugin::bindings::rt",
                pub_export_macro: true,
                additional_derives: [PartialEq],
                with: {
                    "portcullis:plugin/types@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::types,
                    "portcullis:plugin/content@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::content,
                    "portcullis:plugin/call@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::call,
                    "portcullis:plugin/progress@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::progress,
                    "portcullis:plugin/log@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::log,
                    "portcullis:plugin/cancellation@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::cancellation,
                    "portcullis:plugin/notify@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::notify,
                    "portcullis:plugin/key-value@0.1.0": portcullis_plugin::bindings::host::portcullis::plugin::key_value,
                    "wasi:config/store@0.2.0-rc.1": portcullis_plugin::bindings::host::wasi::config::store,
                },
            });
        }
    };
}

exported!(
    /// Tools.
    tool_plugin, "tool-plugin"
);
exported!(
    /// Tasks. The contract's `task-plugin` exports tools as well, which have a module of their own here.
    task_plugin,
    "rest-of-tasks",
    "package portcullis:plugin-sdk;
     world rest-of-tasks {
         include portcullis:plugin/host@0.1.0;
         export portcullis:plugin/tasks@0.1.0;
     }"
);
exported!(
    /// Resources.
    resource_plugin, "resource-plugin"
);
exported!(
    /// Prompts.
    prompt_plugin, "prompt-plugin"
);
exported!(
    /// Completion.
    completion_plugin, "completion-plugin"
);
exported!(
    /// The beginning and the end of the service.
    lifecycle_plugin, "lifecycle-plugin"
);
