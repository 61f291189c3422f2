//! `portcullis token`: makes a bearer token for a client over HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::args::Token;
use super::exit::{Exit, Problem};
use super::render;
use crate::auth::Fingerprint;

/// Random bytes of a token. Nobody guesses half as many.
const TOKEN_BYTES: usize = 32;

/// Prints a token that was never there before, and the lines that let it in. Nothing is kept.
pub fn run(token: &Token) -> Result<Exit, Problem> {
    let name = &token.name;
    let is_key = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    if name.is_empty() || !name.bytes().all(is_key) {
        return Err(Problem::usage(format!(
            "{name:?} is no name for a token (hint: letters, digits, `-` and `_`)"
        )));
    }
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| Problem::failure(format!("the system gives no random bytes: {error}")))?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let sha256 = Fingerprint::of(&token).hex();
    render::print(&format!(
        "\
The client sends this with every request. It is shown once; keep it like a password:

  Authorization: Bearer {token}

The host knows it by these lines in portcullis.toml:

[http.tokens.{name}]
sha256 = \"{sha256}\"
"
    ))?;
    Ok(Exit::Success)
}
