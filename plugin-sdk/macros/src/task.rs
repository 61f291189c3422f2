//! `#[task]`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Error, ItemFn, LitStr, Result};

use crate::function;
use crate::name::Name;
use crate::options::Options;
use crate::parameters::{self, Parameter};
use crate::tool::Tool;

const OPTIONS: [&str; 1] = ["tool"];

/// The rest of a tool's call: the tool's name, and its entry in the table.
pub(crate) struct Task {
    pub(crate) tool: Name,
    pub(crate) entry: TokenStream,
}

impl Task {
    pub(crate) fn read(mark: &Attribute, function: &mut ItemFn) -> Result<Self> {
        let options = Options::read(mark, &OPTIONS)?.without_first()?;
        let parameters = parameters::take(function)?;
        let Some(tool) = options.text("tool")? else {
            return Err(Error::new_spanned(
                mark,
                "say which tool begins the task: `#[task(tool = \"…\")]`",
            ));
        };
        if let Some(argument) = parameters.iter().find(|it| it.is_argument()) {
            return Err(Error::new(
                argument.ident.span(),
                "a task has no arguments: what the tool gave to `Task::new` is in `Context::state`",
            ));
        }

        let ident = &function.sig.ident;
        let output = function::output(function);
        let pass = |it: &Parameter| it.pass(TokenStream::new);
        let passed: Vec<TokenStream> = parameters.iter().map(pass).collect();
        let convert = |said: &Ident| quote!(::portcullis_plugin::IntoAnswer::into_answer(#said));
        let call = parameters::call(ident, &output, &passed, convert);
        let context = parameters::binding(&parameters);
        let conditions = function::conditions(function);
        let entry = quote! {
            #(#conditions)*
            ::portcullis_plugin::glue::tasks::Task {
                tool: #tool,
                run: |#context| #call,
            }
        };
        Ok(Self {
            tool: name_of(&tool),
            entry,
        })
    }

    /// Refuses to go on with what no tool begins, or what one before it goes on with already.
    pub(crate) fn check(&self, tools: &[Tool], before: &[Task]) -> Result<()> {
        let mut tools = tools.iter();
        let problem = match tools.find(|it| it.name.text == self.tool.text) {
            None => format!("there is no tool `{}` in this module", self.tool.text),
            Some(tool) if !tool.begins_tasks => format!(
                "the tool `{0}` begins no tasks: mark it `#[tool(task = \"optional\")]` or `#[tool(task = \"required\")]`",
                self.tool.text
            ),
            Some(_) if before.iter().any(|it| it.tool.text == self.tool.text) => format!(
                "there is another function that goes on with the tasks of `{}`",
                self.tool.text
            ),
            Some(_) => return Ok(()),
        };
        Err(Error::new(self.tool.span, problem))
    }
}

/// Refuses a tool that begins tasks nobody goes on with.
pub(crate) fn check_begun(tool: &Tool, tasks: &[Task]) -> Result<()> {
    if !tool.begins_tasks || tasks.iter().any(|it| it.tool.text == tool.name.text) {
        return Ok(());
    }
    Err(Error::new(
        tool.name.span,
        format!(
            "nothing goes on with the tasks of `{0}`: add a function marked `#[task(tool = \"{0}\")]`",
            tool.name.text
        ),
    ))
}

fn name_of(tool: &LitStr) -> Name {
    Name {
        text: tool.value(),
        span: tool.span(),
    }
}
