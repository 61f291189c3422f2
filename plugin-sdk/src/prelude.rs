//! What most plugins need: `use portcullis_plugin::prelude::*;`.

pub use crate::{
    Answer, Content, Contents, Context, DeactivationReason, Error, IntoAnswer, IntoContents,
    IntoMessages, Json, Message, Outcome, Questions, Response, Task, data,
};
