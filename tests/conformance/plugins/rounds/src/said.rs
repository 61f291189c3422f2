//! What came back. Nothing that fits is nothing, so that the question is asked again.

use portcullis_plugin::Response;

/// A field of a form that was filled in.
pub fn text(response: &Response, field: &str) -> Option<String> {
    match response {
        Response::Accepted(form) => Some(form.get(field)?.as_str()?.to_owned()),
        _ => None,
    }
}

/// What became of a form.
pub fn form(response: &Response) -> String {
    match response {
        Response::Accepted(content) => format!("action=accept, content={content}"),
        Response::Declined => "action=decline".to_owned(),
        _ => "action=cancel".to_owned(),
    }
}

/// What the client's model said. It may be one block or a list of them.
pub fn words(response: &Response) -> Option<String> {
    let Response::Sampled(result) = response else {
        return None;
    };
    let content = result.get("content")?;
    let text = content
        .get("text")
        .or_else(|| content.get(0)?.get("text"))?;
    text.as_str().map(str::to_owned)
}

/// The folders the client works in.
pub fn folders(response: &Response) -> Option<String> {
    let Response::Roots(roots) = response else {
        return None;
    };
    let roots: Vec<&str> = roots.iter().map(|it| &*it.uri).collect();
    Some(roots.join(", "))
}
