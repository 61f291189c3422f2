//! Where a key stands in a manifest's text, for people who look for it.

use super::shape::joined;

/// How deep the text is followed. No key of a manifest lies deeper, and what is deeper was refused before.
const DEPTH_MAX: usize = 128;

/// The line, from 1, on which `key` stands, such as `permissions.network[2]`. Of a key that is not there, the line of the
/// nearest one around it.
pub fn line_of(text: &str, key: &str) -> Option<u32> {
    let mut wanted = key;
    loop {
        if wanted.is_empty() {
            return Some(1);
        }
        let mut scan = Scan {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
            wanted,
            found: None,
        };
        scan.value("", 0);
        if scan.found.is_some() {
            return scan.found;
        }
        wanted = around(wanted);
    }
}

/// The key around a key: `a.b[2]` is in `a.b`, and `a` in nothing.
fn around(key: &str) -> &str {
    key.rfind(['.', '['])
        .and_then(|end| key.get(..end))
        .unwrap_or_default()
}

/// A walk over JSON. It stops where the text is none.
struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u32,
    wanted: &'t str,
    found: Option<u32>,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is no space.
    fn next_sign(&mut self) -> Option<u8> {
        while let Some(space @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.line += u32::from(space == b'\n');
            self.at += 1;
        }
        self.peek()
    }

    fn arrive(&mut self, path: &str) {
        if path == self.wanted && self.found.is_none() {
            self.found = Some(self.line);
        }
    }

    fn value(&mut self, path: &str, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX || self.found.is_some() {
            return None;
        }
        match self.next_sign()? {
            b'{' => self.object(path, depth),
            b'[' => self.array(path, depth),
            b'"' => self.string().map(|_| ()),
            _ => {
                while self
                    .peek()
                    .is_some_and(|byte| !matches!(byte, b',' | b']' | b'}') && byte > b' ')
                {
                    self.at += 1;
                }
                Some(())
            }
        }
    }

    fn object(&mut self, path: &str, depth: usize) -> Option<()> {
        self.at += 1;
        loop {
            match self.next_sign()? {
                b'}' => break,
                b',' => self.at += 1,
                b'"' => {
                    let path = joined(path, &self.string()?);
                    self.arrive(&path);
                    if self.next_sign()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    self.value(&path, depth + 1)?;
                }
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    fn array(&mut self, path: &str, depth: usize) -> Option<()> {
        self.at += 1;
        let mut item_idx = 0;
        loop {
            match self.next_sign()? {
                b']' => break,
                b',' => {
                    self.at += 1;
                    item_idx += 1;
                }
                _ => {
                    let path = format!("{path}[{item_idx}]");
                    self.arrive(&path);
                    let before = self.at;
                    self.value(&path, depth + 1)?;
                    if self.at == before {
                        return None;
                    }
                }
            }
        }
        self.at += 1;
        Some(())
    }

    /// A string as it is written, shown as messages show it.
    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                // JSON has no line break in a string; a text that has one is not followed.
                b'\n' => return None,
                _ => self.at += 1,
            }
        }
        let written = self.bytes.get(start..self.at)?;
        self.at += 1;
        let written = std::str::from_utf8(written).ok()?;
        Some(written.chars().flat_map(char::escape_debug).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "name": "a\"}", "version": 1,
  "permissions": {
    "network": ["a.b",
      "c.d", {"x": [1,
        2]}]
  },
  "links": {"home": true}
}"#;

    #[test]
    fn a_key_is_found_on_its_line_and_a_missing_one_in_what_is_around_it() {
        let check = |key: &str, line: u32| assert_eq!(line_of(TEXT, key), Some(line), "{key}");
        check("name", 2);
        check("version", 2);
        check("permissions", 3);
        check("permissions.network", 4);
        check("permissions.network[0]", 4);
        check("permissions.network[1]", 5);
        check("permissions.network[2].x[1]", 6);
        check("links.home", 8);
        check("links.away", 8);
        check("permissions.storage[3]", 3);
        check("description", 1);
        check("", 1);
    }

    #[test]
    fn text_that_is_no_json_does_no_harm() {
        for end in 0..TEXT.len() {
            let cut = TEXT.get(..end).unwrap_or_default();
            assert!(line_of(cut, "permissions.network[9]").is_some());
        }
        for text in ["[}", "[]]", "{\"a\" 1}", "[,,,,]", "\"\\", "{]", "[[[[:"] {
            assert_eq!(line_of(text, "b"), Some(1));
        }
        let deep = "[".repeat(100_000);
        assert_eq!(line_of(&deep, "b"), Some(1));
    }
}
