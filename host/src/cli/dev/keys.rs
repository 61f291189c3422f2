//! What the person at the terminal types: `r` or `q`, and the return key.

use std::io::{BufRead as _, IsTerminal as _};

use tokio::sync::mpsc;

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To have it built at once.
    Build,
    /// To end.
    Quit,
}

/// The keyboard, where there is one.
pub struct Keyboard(Option<mpsc::Receiver<Key>>);

impl Keyboard {
    /// Listens, when standard input is a terminal whose user types for this program and `is_free` for it.
    pub fn listen(is_free: bool) -> Self {
        if !is_free || !is_in_the_foreground() {
            return Self(None);
        }
        let (typed, keys) = mpsc::channel(1);
        // A read of a terminal cannot be interrupted, so it has a thread that nobody waits for.
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if let Some(key) = read(&line)
                    && typed.blocking_send(key).is_err()
                {
                    break;
                }
            }
        });
        Self(Some(keys))
    }

    /// Waits for a key; for ever where there is no keyboard, or not any more. The wait may be given up.
    pub async fn next(&mut self) -> Key {
        let typed = match &mut self.0 {
            Some(keys) => keys.recv().await,
            None => None,
        };
        match typed {
            Some(key) => key,
            None => {
                self.0 = None;
                std::future::pending().await
            }
        }
    }
}

/// Whether what is typed is for this program. One in the background (`portcullis dev &`) that reads all the same is stopped by
/// the system.
fn is_in_the_foreground() -> bool {
    let stdin = std::io::stdin();
    stdin.is_terminal()
        && rustix::termios::tcgetpgrp(&stdin)
            .is_ok_and(|typing| typing == rustix::process::getpgrp())
}

fn read(line: &str) -> Option<Key> {
    match line.trim() {
        "r" | "R" => Some(Key::Build),
        "q" | "Q" => Some(Key::Quit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_are_known_and_the_others_do_nothing() {
        for (line, key) in [
            ("r", Some(Key::Build)),
            (" R \r", Some(Key::Build)),
            ("q", Some(Key::Quit)),
            ("", None),
            ("quit", None),
        ] {
            assert_eq!(read(line), key, "{line:?}");
        }
    }
}
