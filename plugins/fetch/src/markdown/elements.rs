//! What becomes of each element of HTML.

use html5gum::StartTag;

/// What becomes of an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Element {
    /// It goes, and all that is in it.
    Dropped,
    /// It goes when only the readable part of a page is wanted.
    Furniture,
    /// It begins and ends a paragraph.
    Block,
    /// The readable part of a page.
    Main,
    /// Perhaps the readable part.
    Article,
    /// A heading of this level.
    Heading(usize),
    /// Text as it is, line by line.
    Pre,
    /// A quotation.
    Quote,
    /// A list; whether it is numbered.
    List(bool),
    /// An item of a list.
    Item,
    /// A term that is described: an item that begins in bold.
    Term,
    /// What describes a term.
    Description,
    /// A table.
    Table,
    /// A row.
    Row,
    /// A cell; whether it is a heading.
    Cell(bool),
    /// A link.
    Link,
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Struck out.
    Strike,
    /// Code within a line.
    Code,
    /// An end of a line.
    Break,
    /// A line across.
    Rule,
    /// A picture.
    Image,
    /// The page's title.
    Title,
    /// What relative links are relative to.
    Base,
    /// It goes, and what is in it stays.
    Plain,
}

impl Element {
    /// What becomes of the element of this name, in lower case.
    pub fn named(name: &[u8]) -> Self {
        match name {
            b"script" | b"style" | b"noscript" | b"template" | b"svg" | b"math" | b"iframe"
            | b"object" | b"canvas" | b"audio" | b"video" | b"map" | b"datalist" | b"select"
            | b"textarea" | b"button" | b"dialog" => Self::Dropped,
            b"nav" | b"footer" | b"aside" | b"menu" => Self::Furniture,
            b"main" => Self::Main,
            b"article" => Self::Article,
            b"p" | b"div" | b"section" | b"header" | b"body" | b"figure" | b"figcaption"
            | b"address" | b"details" | b"summary" | b"fieldset" | b"legend" | b"form"
            | b"hgroup" | b"caption" | b"center" | b"search" => Self::Block,
            b"h1" => Self::Heading(1),
            b"h2" => Self::Heading(2),
            b"h3" => Self::Heading(3),
            b"h4" => Self::Heading(4),
            b"h5" => Self::Heading(5),
            b"h6" => Self::Heading(6),
            b"pre" | b"listing" | b"xmp" | b"plaintext" => Self::Pre,
            b"blockquote" => Self::Quote,
            b"ul" | b"dir" | b"dl" => Self::List(false),
            b"ol" => Self::List(true),
            b"li" => Self::Item,
            b"dt" => Self::Term,
            b"dd" => Self::Description,
            b"table" => Self::Table,
            b"tr" => Self::Row,
            b"td" => Self::Cell(false),
            b"th" => Self::Cell(true),
            b"a" => Self::Link,
            b"b" | b"strong" => Self::Strong,
            b"i" | b"em" | b"cite" | b"dfn" | b"var" => Self::Emphasis,
            b"s" | b"del" | b"strike" => Self::Strike,
            b"code" | b"kbd" | b"samp" | b"tt" => Self::Code,
            b"br" => Self::Break,
            b"hr" => Self::Rule,
            b"img" => Self::Image,
            b"title" => Self::Title,
            b"base" => Self::Base,
            _ => Self::Plain,
        }
    }

    /// The same, with what its attributes say about it.
    pub fn of(tag: &StartTag<()>) -> Self {
        let element = Self::named(&tag.name);
        let is_hidden = tag.attributes.contains_key(&b"hidden"[..])
            || attribute(tag, b"aria-hidden").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        if is_hidden && !is_void(&tag.name) && element != Self::Plain {
            return Self::Dropped;
        }
        match attribute(tag, b"role").as_deref() {
            Some("navigation" | "banner" | "contentinfo" | "search" | "complementary") => {
                Self::Furniture
            }
            Some("main") => Self::Main,
            _ => element,
        }
    }
}

/// Whether an element never has an end tag.
pub fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
    )
}

/// An attribute of a tag, as text.
pub fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let value = tag.attributes.get(name)?;
    Some(String::from_utf8_lossy(&value.value).trim().to_owned())
}
