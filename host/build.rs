//! Builds the shipped plugins and embeds them: writes `shipped.rs`, a constant with each one's name and bytes.

use std::fs;
use std::io;

#[path = "../plugins/build_guests.rs"]
mod build_guests;

use build_guests::{build_guests, keep, out_dir};

const SHIPPED: [&str; 3] = ["calculator", "text", "time"];

fn main() -> io::Result<()> {
    let sources = SHIPPED.map(|name| format!("plugins/{name}"));
    let components = build_guests(
        &["--lib", "-p", "calculator", "-p", "text", "-p", "time"],
        &sources.each_ref().map(String::as_str),
    );

    let entries: String = SHIPPED
        .map(|name| {
            let component = keep(&components, name);
            format!("    ({name:?}, include_bytes!({component:?})),\n")
        })
        .concat();
    let shipped = format!(
        "/// The plugins that come with the host: each one's name and component.\n\
         pub const SHIPPED: [(&str, &[u8]); {}] = [\n{entries}];\n",
        SHIPPED.len(),
    );
    fs::write(out_dir().join("shipped.rs"), shipped)
}
