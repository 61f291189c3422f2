//! From the tags and the text of a page, in their order, to Markdown.

use std::ops::Range;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use super::elements::{Element, attribute, is_void};
use super::inline::{Inline, Mark};
use super::table::Table;

/// Bytes of Markdown that are written. Nobody reads more, and links and indentation can make it much larger than the
/// page.
const MARKDOWN_BYTES_MAX: usize = 4 << 20;

/// Lists, items and quotations within each other that are shown; deeper ones are written as if they were not there.
const CONTAINERS_MAX: usize = 16;

/// Bytes of a link that is kept. Longer ones hold a picture, or what only a server reads.
const LINK_BYTES_MAX: usize = 2_048;

/// Characters of a title that are kept.
const TITLE_CHARS_MAX: usize = 300;

/// Bytes that the readable part of a page must have to be taken for it.
const MAIN_BYTES_MIN: usize = 200;

/// A page as Markdown.
#[derive(Debug, PartialEq)]
pub struct Markdown {
    /// What the page calls itself.
    pub title: Option<String>,
    /// Its text.
    pub text: String,
}

/// Writes a page as Markdown: its readable part, or all of it where there is no telling which that is.
pub fn of_html(html: &str, address: &Url) -> Markdown {
    let page = Page::read(html, address, Furniture::Removed);
    let readable = page.readable();
    if readable.len() >= MAIN_BYTES_MIN {
        let text = readable.to_owned();
        return Markdown {
            title: page.title,
            text,
        };
    }
    // A short page, or one whose tags end where nobody expects it.
    let whole = Page::read(html, address, Furniture::Kept);
    let is_more = whole.out.len() > 2 * page.out.len() + MAIN_BYTES_MIN;
    let text = match is_more || page.out.is_empty() {
        true => whole.out,
        false => page.out,
    };
    Markdown {
        title: page.title,
        text: text.trim().to_owned(),
    }
}

/// What becomes of navigation, footers and the like.
#[derive(Clone, Copy, PartialEq)]
enum Furniture {
    Kept,
    Removed,
}

/// Something that indents what is in it.
enum Container {
    Quote {
        is_fresh: bool,
    },
    /// With the number of the next item, when it has numbers.
    List(Option<u64>),
    /// With its marker, until that is written, and the width of it.
    Item {
        marker: String,
        is_fresh: bool,
    },
}

/// A page while it is read.
struct Page {
    furniture: Furniture,
    base: Url,
    title: Option<String>,
    is_in_title: bool,
    /// The element whose contents are left out, and how many of that name are open.
    dropped: Option<(Vec<u8>, usize)>,
    containers: Vec<Container>,
    heading: Option<usize>,
    /// Within text as it is: the language it is in.
    pre: Option<String>,
    table: Option<Table>,
    is_in_cell: bool,
    line: Inline,
    out: String,
    last_was_item: bool,
    main_begun: Option<usize>,
    mains: Vec<Range<usize>>,
    article_begun: Option<usize>,
    articles: Vec<Range<usize>>,
}

impl Page {
    fn read(html: &str, address: &Url, furniture: Furniture) -> Self {
        let mut page = Self {
            furniture,
            base: address.clone(),
            title: None,
            is_in_title: false,
            dropped: None,
            containers: Vec::new(),
            heading: None,
            pre: None,
            table: None,
            is_in_cell: false,
            line: Inline::default(),
            out: String::new(),
            last_was_item: false,
            main_begun: None,
            mains: Vec::new(),
            article_begun: None,
            articles: Vec::new(),
        };
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            page.take(&token);
            if page.out.len() + page.line.len() > MARKDOWN_BYTES_MAX {
                break;
            }
        }
        page.end_table();
        page.end_pre();
        page.flush();
        page.end_main();
        page.end_article();
        page
    }

    /// The readable part, or everything.
    fn readable(&self) -> &str {
        let text = |range: &Range<usize>| self.out.get(range.clone()).unwrap_or_default().trim();
        let longest = self.mains.iter().map(text).max_by_key(|text| text.len());
        let only = match &self.articles[..] {
            [only] => Some(text(only)),
            _ => None,
        };
        let parts = [longest, only].into_iter().flatten();
        let mut fitting = parts.filter(|text| text.len() >= MAIN_BYTES_MIN);
        fitting.next().unwrap_or(self.out.trim())
    }

    fn take(&mut self, token: &Token) {
        match token {
            Token::StartTag(tag) if self.dropped.is_none() => self.start(tag),
            Token::EndTag(tag) if self.dropped.is_none() => self.end(Element::named(&tag.name)),
            Token::String(text) if self.dropped.is_none() => {
                self.text(&String::from_utf8_lossy(&text.value));
            }
            Token::StartTag(tag) => {
                if let Some((name, n_open)) = &mut self.dropped
                    && **name == **tag.name
                {
                    *n_open += 1;
                }
            }
            Token::EndTag(tag) => {
                if let Some((name, n_open)) = &mut self.dropped
                    && **name == **tag.name
                {
                    *n_open -= 1;
                    if *n_open == 0 {
                        self.dropped = None;
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_in_title {
            let title: Vec<_> = text.split_whitespace().collect();
            let title: String = title.join(" ").chars().take(TITLE_CHARS_MAX).collect();
            if self.title.is_none() && !title.is_empty() {
                self.title = Some(title);
            }
        } else if self.pre.is_some() {
            self.line.push_raw(text);
        } else {
            self.line.push(text);
        }
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let element = Element::of(tag);
        let is_left_out = match element {
            Element::Dropped => true,
            Element::Furniture => self.furniture == Furniture::Removed,
            _ => false,
        };
        if is_left_out {
            if !is_void(&tag.name) {
                self.dropped = Some((tag.name.to_vec(), 1));
            }
            return;
        }
        match element {
            Element::Title => self.is_in_title = true,
            Element::Base => self.rebase(tag),
            Element::Link => {
                self.line.close(&Mark::Link(None));
                self.line.open(Mark::Link(self.link(tag, b"href")));
            }
            Element::Image => self.image(tag),
            Element::Break if self.pre.is_some() => self.line.push_raw("\n"),
            Element::Break if self.is_in_cell || self.heading.is_some() => self.line.push(" "),
            Element::Break => self.line.line_break(),
            _ if self.pre.is_some() => self.name_language(tag),
            Element::Strong => self.line.open(Mark::Strong),
            Element::Emphasis => self.line.open(Mark::Emphasis),
            Element::Strike => self.line.open(Mark::Strike),
            Element::Code => self.line.open(Mark::Code),
            Element::Table => self.start_table(),
            Element::Row => self.start_row(),
            Element::Cell(is_heading) => self.start_cell(is_heading),
            Element::Plain | Element::Dropped => {}
            _ if self.is_in_cell => self.line.push(" "),
            _ => self.start_block(element, tag),
        }
    }

    fn start_block(&mut self, element: Element, tag: &StartTag<()>) {
        if matches!(element, Element::Term | Element::Description) {
            // The term before it may have no end tag.
            self.line.close(&Mark::Strong);
        }
        self.flush();
        match element {
            Element::Main => self.main_begun = self.main_begun.or(Some(self.out.len())),
            Element::Article => self.article_begun = self.article_begun.or(Some(self.out.len())),
            Element::Heading(level) => self.heading = Some(level),
            Element::Pre => {
                self.pre = Some(String::new());
                self.name_language(tag);
            }
            Element::Quote => self.contain(Container::Quote { is_fresh: true }),
            Element::List(is_numbered) => {
                let first = attribute(tag, b"start").and_then(|it| it.parse().ok());
                self.contain(Container::List(is_numbered.then(|| first.unwrap_or(1))));
            }
            Element::Item => self.start_item(),
            Element::Term => {
                self.start_item();
                self.line.open(Mark::Strong);
            }
            Element::Rule => self.emit("---"),
            _ => {}
        }
    }

    fn end(&mut self, element: Element) {
        match element {
            Element::Title => self.is_in_title = false,
            Element::Link => self.line.close(&Mark::Link(None)),
            Element::Strong => self.line.close(&Mark::Strong),
            Element::Emphasis => self.line.close(&Mark::Emphasis),
            Element::Strike => self.line.close(&Mark::Strike),
            Element::Pre => self.end_pre(),
            Element::Code if self.pre.is_none() => self.line.close(&Mark::Code),
            Element::Plain | Element::Dropped | Element::Code => {}
            _ if self.pre.is_some() => {}
            Element::Table => self.end_table(),
            Element::Row | Element::Cell(_) if self.table.is_some() => self.end_cell(),
            _ if self.is_in_cell => self.line.push(" "),
            _ => self.end_block(element),
        }
    }

    fn end_block(&mut self, element: Element) {
        if element == Element::Term {
            self.line.close(&Mark::Strong);
        }
        self.flush();
        match element {
            Element::Main => self.end_main(),
            Element::Article => self.end_article(),
            Element::Heading(_) => self.heading = None,
            Element::Quote => self.leave(|it| matches!(it, Container::Quote { .. })),
            Element::List(_) => self.leave(|it| matches!(it, Container::List(_))),
            _ => {}
        }
    }

    fn contain(&mut self, container: Container) {
        if self.containers.len() < CONTAINERS_MAX {
            self.containers.push(container);
        }
    }

    /// Leaves the innermost container of a kind, and those within it.
    fn leave(&mut self, is_kind: fn(&Container) -> bool) {
        if let Some(idx) = self.containers.iter().rposition(is_kind) {
            self.containers.truncate(idx);
        }
    }

    fn start_item(&mut self) {
        let list = |it: &Container| matches!(it, Container::List(_));
        let Some(idx) = self.containers.iter().rposition(list) else {
            self.contain(Container::List(None));
            return self.contain(Container::Item {
                marker: "- ".to_owned(),
                is_fresh: true,
            });
        };
        // The item before it may have no end tag.
        self.containers.truncate(idx + 1);
        let marker = match self.containers.last_mut() {
            Some(Container::List(Some(next))) => {
                let number = *next;
                *next = next.saturating_add(1);
                format!("{number}. ")
            }
            _ => "- ".to_owned(),
        };
        self.contain(Container::Item {
            marker,
            is_fresh: true,
        });
    }

    fn start_table(&mut self) {
        // A table in another one: the outer one arranges the page.
        self.end_table();
        self.flush();
        self.table = Some(Table::default());
    }

    fn start_row(&mut self) {
        self.end_cell();
        match &mut self.table {
            Some(table) => table.begin_row(),
            None => self.flush(),
        }
    }

    fn start_cell(&mut self, is_heading: bool) {
        self.end_cell();
        match &mut self.table {
            Some(table) => {
                if is_heading {
                    table.set_has_headings();
                }
            }
            None => return self.line.push(" "),
        }
        // What stands between the rows, such as a caption.
        self.flush();
        self.is_in_cell = true;
    }

    fn end_cell(&mut self) {
        if !std::mem::take(&mut self.is_in_cell) {
            return;
        }
        let text = self.line.take().replace('\n', " ");
        if let Some(table) = &mut self.table {
            table.push(text);
        }
    }

    fn end_table(&mut self) {
        self.end_cell();
        if let Some(table) = self.table.take() {
            self.flush();
            for block in table.blocks() {
                self.emit(&block);
            }
        } else {
            self.flush();
        }
    }

    fn end_pre(&mut self) {
        let Some(language) = self.pre.take() else {
            return;
        };
        let text = self.line.take_raw();
        let text = text.strip_prefix('\n').unwrap_or(&text).trim_end();
        if text.is_empty() {
            return;
        }
        // The fence is longer than any within the text.
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.emit(&format!("{fence}{language}\n{text}\n{fence}"));
    }

    /// Takes the language of code from a class, as most highlighters write it.
    fn name_language(&mut self, tag: &StartTag<()>) {
        let class = attribute(tag, b"class").unwrap_or_default();
        let named = class.split_whitespace().find_map(|class| {
            let name = class.strip_prefix("language-");
            name.or_else(|| class.strip_prefix("lang-"))
        });
        let is_word = |it: &&str| {
            it.len() <= 30
                && it
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+#-".contains(c))
        };
        if let (Some(language), Some(named)) = (&mut self.pre, named.filter(is_word))
            && language.is_empty()
        {
            language.push_str(named);
        }
    }

    fn end_main(&mut self) {
        if let Some(begun) = self.main_begun.take() {
            self.mains.push(begun..self.out.len());
        }
    }

    fn end_article(&mut self) {
        if let Some(begun) = self.article_begun.take() {
            self.articles.push(begun..self.out.len());
        }
    }

    fn rebase(&mut self, tag: &StartTag<()>) {
        let base = attribute(tag, b"href").and_then(|href| self.base.join(&href).ok());
        if let Some(base) = base.filter(|base| matches!(base.scheme(), "http" | "https")) {
            self.base = base;
        }
    }

    fn image(&mut self, tag: &StartTag<()>) {
        let alt = attribute(tag, b"alt").unwrap_or_default();
        let alt = alt.replace(['[', ']'], "");
        if alt.is_empty() || self.pre.is_some() {
            return;
        }
        let shown = match self.link(tag, b"src") {
            Some(url) => format!("![{alt}]({url})"),
            None => alt,
        };
        self.line.push(&shown);
    }

    /// Where an attribute leads. None: nowhere else, or where nobody should go.
    fn link(&self, tag: &StartTag<()>, name: &[u8]) -> Option<String> {
        let written = attribute(tag, name)?;
        if written.is_empty() || written.starts_with('#') || written.len() > LINK_BYTES_MAX {
            return None;
        }
        let url = self.base.join(&written).ok()?;
        if !matches!(url.scheme(), "http" | "https" | "mailto") {
            return None;
        }
        let url = url.as_str().replace('(', "%28").replace(')', "%29");
        (url.len() <= LINK_BYTES_MAX).then_some(url)
    }

    /// Ends the paragraph.
    fn flush(&mut self) {
        if self.is_in_cell || self.pre.is_some() {
            return;
        }
        let text = self.line.take();
        match self.heading {
            Some(level) if !text.is_empty() => {
                let text = text.replace('\n', " ");
                self.emit(&format!("{} {text}", "#".repeat(level)));
            }
            _ => self.emit(&text),
        }
    }

    /// Writes a block, indented as the containers want it.
    fn emit(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let begins_item = self
            .containers
            .iter()
            .any(|it| matches!(it, Container::Item { is_fresh: true, .. }));
        let is_tight = begins_item && self.last_was_item;
        if !self.out.is_empty() {
            self.out.push('\n');
            if !is_tight {
                let between =
                    self.prefix(|is_fresh| if is_fresh { Part::Nothing } else { Part::Again });
                self.out.push_str(between.trim_end());
                self.out.push('\n');
            }
        }
        let first = self.prefix(|is_fresh| if is_fresh { Part::First } else { Part::Again });
        let again = self.prefix(|_| Part::Again);
        for (idx, line) in text.lines().enumerate() {
            if self.out.len() > MARKDOWN_BYTES_MAX {
                break;
            }
            match (idx, line) {
                (0, _) => self.out.push_str(&first),
                (_, "") => {
                    self.out.push('\n');
                    self.out.push_str(again.trim_end());
                }
                _ => {
                    self.out.push('\n');
                    self.out.push_str(&again);
                }
            }
            self.out.push_str(line);
        }
        for container in &mut self.containers {
            match container {
                Container::Quote { is_fresh } | Container::Item { is_fresh, .. } => {
                    *is_fresh = false
                }
                Container::List(_) => {}
            }
        }
        let is_item = |it: &Container| matches!(it, Container::Item { .. });
        self.last_was_item = self.containers.iter().any(is_item);
    }

    /// What stands before a line, where each container says which part of it.
    fn prefix(&self, part: fn(bool) -> Part) -> String {
        let of = |container: &Container| match container {
            Container::Quote { is_fresh } => match part(*is_fresh) {
                Part::Nothing => String::new(),
                Part::First | Part::Again => "> ".to_owned(),
            },
            Container::List(_) => String::new(),
            Container::Item { marker, is_fresh } => match part(*is_fresh) {
                Part::Nothing => String::new(),
                Part::First => marker.clone(),
                Part::Again => " ".repeat(marker.len()),
            },
        };
        self.containers.iter().map(of).collect()
    }
}

/// Which part of a container's indentation a line gets.
enum Part {
    Nothing,
    First,
    Again,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(html: &str) -> Markdown {
        of_html(html, &Url::parse("https://a.example/dir/page").unwrap())
    }

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(markdown(html).text, expected, "{html}");
    }

    #[test]
    fn paragraphs_and_headings_stand_apart() {
        check(
            "<h1>A <em>title</em></h1><p>one\n two<p>three<br>four",
            "# A *title*\n\none two\n\nthree\nfour",
        );
        check("<div>a<div>b</div>c</div>", "a\n\nb\n\nc");
        check("a<hr>b", "a\n\n---\n\nb");
        check("", "");
    }

    #[test]
    fn links_are_absolute_and_only_of_the_web() {
        check("<a href='x'>rel</a>", "[rel](https://a.example/dir/x)");
        check("<a href='/x y'>root</a>", "[root](https://a.example/x%20y)");
        check(
            "<a href='//b.example/(1)'>other</a>",
            "[other](https://b.example/%281%29)",
        );
        check(
            "<a href='mailto:a@b.example'>mail</a>",
            "[mail](mailto:a@b.example)",
        );
        check(
            "<base href='https://c.example/'><a href='x'>based</a>",
            "[based](https://c.example/x)",
        );
        for href in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "#part",
            "",
        ] {
            check(&format!("<a href='{href}'>words</a>"), "words");
        }
        check(
            "<a href='x'><h2>Title</h2><p>text</p></a>",
            "## [Title](https://a.example/dir/x)\n\n[text](https://a.example/dir/x)",
        );
    }

    #[test]
    fn lists_are_kept_with_their_nesting() {
        check("<ul><li>a<li>b</ul>", "- a\n- b");
        check("<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b");
        check(
            "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
            "- a\n  - b\n- c",
        );
        check("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b");
        check("<dl><dt>term<dd>meaning</dl>", "- **term**\n\n  meaning");
        check("<li>alone", "- alone");
    }

    #[test]
    fn quotations_and_code_are_kept() {
        check(
            "<p>x</p><blockquote><p>a</p><p>b</p></blockquote>c",
            "x\n\n> a\n>\n> b\n\nc",
        );
        check(
            "<pre><code class='language-rust'>fn a() {\n    b\n}\n</code></pre>",
            "```rust\nfn a() {\n    b\n}\n```",
        );
        check("<pre>a ``` b</pre>", "````\na ``` b\n````");
        check(
            "use <code>a  b</code> and <code>`</code>",
            "use `a b` and `` ` ``",
        );
        check("<ul><li><pre>a\n\nb</pre></ul>", "- ```\n  a\n\n  b\n  ```");
    }

    #[test]
    fn a_table_is_kept_and_one_that_arranges_a_page_is_not() {
        check(
            "<table><tr><th>a<th>b<tr><td>1<td><p>2<p>3</table>",
            "| a | b |\n| --- | --- |\n| 1 | 2 3 |",
        );
        check(
            "<table><tr><td>left<td><table><tr><td>one<tr><td>two</table></td></tr></table>",
            "left\n\none\n\ntwo",
        );
        check(
            "<table><caption>C</caption><tr><td>1</table>after",
            "C\n\n1\n\nafter",
        );
    }

    #[test]
    fn what_nobody_reads_is_dropped() {
        check(
            "<style>p{}</style><script>if (a<b) '</p>'</script><p>text<noscript>no</noscript><svg><title>s</title></svg>",
            "text",
        );
        check(
            "<p>a</p><p hidden>secret</p><i aria-hidden=true>icon</i><p>b",
            "a\n\nb",
        );
        let body = "words ".repeat(60);
        let body = body.trim();
        check(
            &format!("<nav>menu</nav><p>{body}</p><footer>imprint</footer>"),
            body,
        );
        check(
            &format!("<p>around</p><main><p>{body}</p></main><p>around</p>"),
            body,
        );
        check(
            &format!("<p>around</p><article><p>{body}</p></article>"),
            body,
        );
    }

    #[test]
    fn a_page_that_is_all_furniture_is_shown_all_the_same() {
        let links = "<a href=x>words</a> ".repeat(50);
        assert!(markdown(&format!("<nav>{links}</nav>")).text.len() > 1_000);
        // Nobody ends this one.
        assert!(markdown(&format!("<nav>{links}")).text.len() > 1_000);
    }

    #[test]
    fn the_title_is_apart() {
        let page = markdown("<title> A &amp;\n B </title><svg><title>no</title></svg><p>x");
        assert_eq!(page.title.as_deref(), Some("A & B"));
        assert_eq!(page.text, "x");
        assert_eq!(markdown("<p>x").title, None);
    }

    #[test]
    fn references_to_characters_are_read() {
        check(
            "<p>&lt;b&gt; &eacute;&#x1F600;&nbsp;&unknown;",
            "<b> é😀 &unknown;",
        );
        check(
            "<img alt='a&quot;b' src=i.png><img src=pixel.gif>",
            "![a\"b](https://a.example/dir/i.png)",
        );
    }

    #[test]
    fn no_nesting_uses_up_the_stack() {
        for (tag, depth) in [
            ("div", 100_000),
            ("b", 100_000),
            ("blockquote", 100_000),
            ("li", 20_000),
            ("a href=x", 20_000),
            ("ul", 20_000),
            ("table", 20_000),
            ("td", 20_000),
            ("pre", 20_000),
            ("article", 20_000),
            ("nav", 20_000),
            ("nosuch", 20_000),
        ] {
            let name = tag.split(' ').next().unwrap();
            let (begin, end) = (format!("<{tag}>"), format!("</{name}>"));
            let html = format!("{}words{}", begin.repeat(depth), end.repeat(depth));
            assert!(markdown(&html).text.contains("words"), "{tag}");
        }
    }

    #[test]
    fn tags_that_end_what_never_began_cost_little() {
        for tag in [
            "div",
            "b",
            "blockquote",
            "li",
            "table",
            "td",
            "pre",
            "h1",
            "dl",
            "svg",
        ] {
            let html = format!("<{tag}>x</i></ul></blockquote></{tag}></{tag}>").repeat(5_000);
            assert!(markdown(&html).text.len() <= 20 * html.len(), "{tag}");
        }
    }

    #[test]
    fn a_small_page_cannot_become_a_large_text() {
        let base = format!("<base href='https://a.example/{}/'>", "b".repeat(1_900));
        let links = "<a href=x>y</a> ".repeat(50_000);
        assert!(markdown(&format!("{base}{links}")).text.len() <= MARKDOWN_BYTES_MAX + 10_000);
        let lines = "a\n".repeat(500_000);
        let lists = "<ul><li>".repeat(100);
        assert!(
            markdown(&format!("{lists}<pre>{lines}")).text.len() <= MARKDOWN_BYTES_MAX + 10_000
        );
    }
}
