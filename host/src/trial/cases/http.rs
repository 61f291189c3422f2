//! Reading what a case answers to a plugin's requests.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;

use crate::config::{ConfigError, Field, Table};
use crate::permissions::HttpAttempt;
use crate::trial::Exchange;
use crate::trial::matchers::texts;

/// Bytes of a body that lies in a file: as many as a plugin may receive by default.
const BODY_FILE_BYTES_MAX: u64 = 8 << 20;

/// Reads one `[[http]]`. Files are looked for in `folder`.
pub(super) fn read(field: &Field<'_>, folder: &Path) -> Result<Exchange, ConfigError> {
    let table = field.table()?;
    table.only(
        &[
            "request",
            "request-body",
            "status",
            "headers",
            "body",
            "body-file",
            "json",
        ],
        &[],
    )?;
    let request = table.field("request").ok_or_else(|| {
        field.bad_value(
            "has no `request` (hint: such as `request = \"GET https://api.example.com/v1\"`)",
        )
    })?;
    let (method, url) = read_request(request)?;
    let mut headers = table
        .field("headers")
        .map_or(Ok(Vec::new()), read_headers)?;
    let names_type = headers.iter().any(|(name, _)| name == "content-type");
    if table.field("json").is_some() && !names_type {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(Exchange {
        method,
        url,
        body: match table.field("request-body") {
            Some(body) => Some(Bytes::copy_from_slice(body.text()?.as_bytes())),
            None => None,
        },
        status: table.field("status").map_or(Ok(200), read_status)?,
        headers,
        response: read_body(field, &table, folder)?,
    })
}

/// `GET https://…`, as a plugin's request is written when it is compared.
fn read_request(field: &Field<'_>) -> Result<(String, String), ConfigError> {
    let text = field.text()?.trim();
    let (method, url) = text.split_once(' ').unwrap_or(("GET", text));
    let (attempt, query) =
        HttpAttempt::with_query(method, url.trim()).map_err(|error| field.bad_value(error))?;
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let url = format!("{}{}{query}", attempt.origin(), attempt.path);
    Ok((attempt.method, url))
}

fn read_status(field: &Field<'_>) -> Result<u16, ConfigError> {
    match u16::try_from(field.count()?) {
        Ok(status @ 200..=599) => Ok(status),
        _ => Err(field.bad_value("is no status of a whole response (hint: 200 to 599)")),
    }
}

fn read_headers(field: &Field<'_>) -> Result<Vec<(String, String)>, ConfigError> {
    let mut headers = Vec::new();
    for field in field.table()?.fields() {
        let name = field.name.to_ascii_lowercase();
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(
                field.bad_value("is not the name of a header (hint: such as `content-type`)")
            );
        }
        for value in texts(field)? {
            if http::HeaderValue::from_str(&value).is_err() {
                return Err(field.bad_value("cannot stand in a header (hint: it is one line)"));
            }
            headers.push((name.clone(), value));
        }
    }
    Ok(headers)
}

fn read_body(field: &Field<'_>, table: &Table<'_>, folder: &Path) -> Result<Bytes, ConfigError> {
    match (
        table.field("body"),
        table.field("body-file"),
        table.field("json"),
    ) {
        (None, None, None) => Ok(Bytes::new()),
        (Some(body), None, None) => Ok(Bytes::copy_from_slice(body.text()?.as_bytes())),
        (None, Some(file), None) => read_file(file, folder),
        (None, None, Some(json)) => Ok(json.json()?.to_string().into()),
        _ => Err(field
            .bad_value("has several bodies (hint: keep one of `body`, `body-file` and `json`)")),
    }
}

fn read_file(field: &Field<'_>, folder: &Path) -> Result<Bytes, ConfigError> {
    let path = folder.join(field.text()?);
    let mut bytes = Vec::new();
    let read = File::open(&path)
        .and_then(|file| file.take(BODY_FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Err(field.bad_value(format!(
            "`{}` cannot be read: {error} (hint: paths are relative to the case file's folder)",
            path.display()
        )));
    }
    if bytes.len() as u64 > BODY_FILE_BYTES_MAX {
        return Err(field.bad_value(format!(
            "`{}` has more than {BODY_FILE_BYTES_MAX} bytes (hint: a plugin would not receive it)",
            path.display()
        )));
    }
    Ok(bytes.into())
}
