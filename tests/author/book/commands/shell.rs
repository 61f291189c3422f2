//! As much of a shell's grammar as the pages use: quotes, pipes, redirections, substitutions and comments.

/// The command lines of the program that a line has, each as its words, `portcullis` the first of them.
pub fn commands(line: &str) -> Vec<Vec<String>> {
    let line = line.trim();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let line = line.strip_prefix("run: ").unwrap_or(line);
    let mut found: Vec<_> = simple(line).into_iter().filter_map(own).collect();
    // Inside of others, as in `--plugin "$(portcullis build)"`.
    for (_, rest) in line
        .match_indices("$(")
        .map(|(at, open)| line.split_at(at + open.len()))
    {
        let inner = rest.split(')').next().unwrap_or_default();
        found.extend(simple(inner).into_iter().filter_map(own));
    }
    found
}

/// The words of a command, when it is the program's.
fn own(words: Vec<String>) -> Option<Vec<String>> {
    let is_assignment = |word: &&String| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        })
    };
    let n_assignments = words.iter().take_while(is_assignment).count();
    let mut words: Vec<_> = words.into_iter().skip(n_assignments).collect();
    // From a clone, and as other programs are told to start it.
    let head: Vec<_> = words.iter().map(String::as_str).collect();
    if head.starts_with(&["cargo", "run"]) || head.contains(&"mcp") {
        let at = head.iter().position(|word| *word == "--")?;
        words.drain(..=at);
        if words.first().is_none_or(|word| word != "portcullis") {
            words.insert(0, "portcullis".to_owned());
        }
    }
    (words.first()? == "portcullis" && words.len() > 1).then_some(words)
}

/// The simple commands of a line, in its order. Where a file is written to is no word of one.
fn simple(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut n_spaces = 0;
    let mut is_target = false;
    let mut chars = line.chars().peekable();
    let end = |word: &mut Option<String>, is_target: &mut bool, command: &mut Vec<String>| {
        if let Some(word) = word.take()
            && !std::mem::take(is_target)
        {
            command.push(word);
        }
    };
    while let Some(c) = chars.next() {
        let command = commands.last_mut().expect("there is always one");
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => {
                end(&mut word, &mut is_target, command);
                n_spaces += 1;
                // What the columns of an example say of it.
                if n_spaces == 2
                    && chars
                        .peek()
                        .is_some_and(|next| *next != '-' && *next != '\'')
                {
                    break;
                }
                continue;
            }
            (None, '#') if word.is_none() => break,
            (None, '|' | ';' | '&') => {
                end(&mut word, &mut is_target, command);
                commands.push(Vec::new());
            }
            (None, '>') => {
                end(&mut word, &mut is_target, command);
                is_target = true;
            }
            (None, c) => word.get_or_insert_default().push(c),
        }
        n_spaces = 0;
    }
    let command = commands.last_mut().expect("there is always one");
    end(&mut word, &mut is_target, command);
    commands
}

#[test]
fn a_line_is_read_as_a_shell_would_read_it() {
    let check = |line: &str, expected: &[&[&str]]| assert_eq!(commands(line), expected, "{line}");
    check("portcullis list", &[&["portcullis", "list"]]);
    check("cd portcullis", &[]);
    check("portcullis", &[]);
    check(
        "portcullis call add '{\"a\": 2}'      call a tool",
        &[&["portcullis", "call", "add", "{\"a\": 2}"]],
    );
    check(
        "portcullis new a   # or --lang python",
        &[&["portcullis", "new", "a"]],
    );
    check(
        "echo '{}' | portcullis call x - && portcullis list >> a.txt",
        &[&["portcullis", "call", "x", "-"], &["portcullis", "list"]],
    );
    check(
        "portcullis call --plugin \"$(portcullis build)\" greet",
        &[
            &[
                "portcullis",
                "call",
                "--plugin",
                "$(portcullis build)",
                "greet",
            ],
            &["portcullis", "build"],
        ],
    );
    check("- run: CI=1 portcullis test", &[&["portcullis", "test"]]);
    check(
        "cargo run --release -- call x",
        &[&["portcullis", "call", "x"]],
    );
    check(
        "claude mcp add -s user portcullis -- portcullis serve",
        &[&["portcullis", "serve"]],
    );
}
