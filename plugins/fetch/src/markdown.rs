//! A web page as Markdown.
//!
//! The page is read as a row of tags and text; no tree is built and nothing recurses, so that no nesting can use up the
//! stack. What stands deeper than anybody writes by hand keeps its text and loses its form.

mod elements;
mod inline;
mod page;
mod table;

pub use page::of_html;
