//! A client that has many requests under way at once.

use std::io::{BufRead, Write};

use crate::client::Client;

/// The ids of these requests begin here, so that they are not mistaken for those of others.
const FIRST_ID: usize = 1_000_000;

/// Makes `n` requests with up to `in_flight` of them under way, and looks that each answer has these words. As clients do, it
/// reads all answers that are there before it writes again.
pub fn flood(client: &mut Client, n: usize, in_flight: usize, params: &str, words: &str) {
    let pipe = client.requests.as_mut().expect("it is open until the drop");
    let (mut requests, mut answer) = (Vec::new(), String::new());
    let (mut n_sent, mut n_answered) = (0, 0);
    while n_answered < n {
        requests.clear();
        while n_sent < n && n_sent - n_answered < in_flight {
            let id = FIRST_ID + n_sent;
            n_sent += 1;
            writeln!(
                requests,
                r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#
            )
            .expect("memory can be written");
        }
        pipe.write_all(&requests).expect("the server reads");
        loop {
            answer.clear();
            let n_bytes = client.answers.read_line(&mut answer);
            assert!(n_bytes.is_ok_and(|n| n > 0), "the server is gone");
            if answer.contains(r#""id":"#) {
                assert!(answer.contains(words), "{answer}");
                n_answered += 1;
            }
            if !client.answers.buffer().contains(&b'\n') {
                break;
            }
        }
    }
}
