//! A table while it is read, and what becomes of it.

/// Columns that are written; what stands in more of them is put into the last.
const COLUMNS_MAX: usize = 50;

/// A table.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    has_headings: bool,
}

impl Table {
    /// Begins a row.
    pub fn begin_row(&mut self) {
        if self.rows.last().is_none_or(|row| !row.is_empty()) {
            self.rows.push(Vec::new());
        }
    }

    /// Adds a cell to the row, which is begun when there is none.
    pub fn push(&mut self, cell: String) {
        if self.rows.is_empty() {
            self.rows.push(Vec::new());
        }
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        if row.len() < COLUMNS_MAX {
            row.push(cell);
        } else if let Some(last) = row.last_mut() {
            last.push(' ');
            last.push_str(&cell);
        }
    }

    /// Says that some cell is a heading.
    pub fn set_has_headings(&mut self) {
        self.has_headings = true;
    }

    /// The blocks it becomes: a table of Markdown, or its rows when it only arranges a page.
    pub fn blocks(self) -> Vec<String> {
        let filled = |row: &Vec<String>| row.iter().any(|cell| !cell.is_empty());
        let rows: Vec<_> = self.rows.into_iter().filter(filled).collect();
        let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let is_even = rows.iter().all(|row| row.len() == n_columns);
        let is_data = n_columns > 1 && rows.len() > 1 && (self.has_headings || is_even);
        if !is_data {
            let words = |row: Vec<String>| {
                let cells: Vec<_> = row.into_iter().filter(|cell| !cell.is_empty()).collect();
                cells.join(" ")
            };
            return rows.into_iter().map(words).collect();
        }
        let line = |row: &Vec<String>| {
            let cells: Vec<_> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |", cells.join(" | "))
        };
        let mut lines: Vec<_> = rows.iter().map(line).collect();
        let under = format!("|{}", " --- |".repeat(n_columns));
        match self.has_headings {
            true => lines.insert(1, under),
            false => lines
                .splice(0..0, [format!("|{}", "  |".repeat(n_columns)), under])
                .for_each(drop),
        }
        vec![lines.join("\n")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(has_headings: bool, rows: &[&[&str]], expected: &[&str]) {
        let mut table = Table::default();
        for row in rows {
            table.begin_row();
            row.iter().for_each(|cell| table.push((*cell).to_owned()));
        }
        if has_headings {
            table.set_has_headings();
        }
        assert_eq!(table.blocks(), expected);
    }

    #[test]
    fn rows_and_columns_become_a_table() {
        check(
            true,
            &[&["Name", "Age"], &["Ada", "36"], &["a|b"]],
            &["| Name | Age |\n| --- | --- |\n| Ada | 36 |\n| a\\|b |"],
        );
        check(
            false,
            &[&["a", "b"], &["c", "d"]],
            &["|  |  |\n| --- | --- |\n| a | b |\n| c | d |"],
        );
    }

    #[test]
    fn a_table_that_only_arranges_a_page_becomes_its_rows() {
        check(false, &[&["one", "", "two"]], &["one two"]);
        check(false, &[&["one"], &[], &["two"]], &["one", "two"]);
        check(false, &[&["a", "b"], &["c"]], &["a b", "c"]);
        check(true, &[], &[]);
    }

    #[test]
    fn a_table_of_endless_columns_stays_small() {
        let mut table = Table::default();
        for _ in 0..1_000 {
            table.push("x".to_owned());
        }
        table.begin_row();
        table.push("y".to_owned());
        table.set_has_headings();
        let [text] = &table.blocks()[..] else {
            panic!("it is one table")
        };
        assert!(text.len() < 4_000, "{}", text.len());
    }
}
