//! A tool with an MCP App: a page under `ui://` that shows its answers, and a second tool that only the page calls.

use portcullis_test_guests::*;

struct App;

impl Trick for App {
    const NAME: &str = "show_chart";

    fn tools() -> Vec<Tool> {
        vec![
            Tool {
                meta: Some(
                    r#"{"ui":{"resourceUri":"ui://app/chart.html"},"example.com/kept":[1]}"#.into(),
                ),
                ..tool(Self::NAME)
            },
            Tool {
                meta: Some(
                    r#"{"ui":{"resourceUri":"ui://app/chart.html","visibility":["app"]}}"#.into(),
                ),
                ..tool("more_points")
            },
        ]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        Ok(CallOutcome::Complete(ToolResult {
            structured: Some(r#"{"points":[1,2,3]}"#.into()),
            meta: Some(r#"{"ui":{"theme":"dark"}}"#.into()),
            ..said(request.name)
        }))
    }
}

impl resources::Guest for App {
    fn list(_cursor: Option<String>) -> Result<resources::ResourcePage, Error> {
        Ok(resource_page(vec![ResourceLink {
            mime_type: Some("text/html;profile=mcp-app".into()),
            meta: Some(r#"{"ui":{"prefersBorder":true}}"#.into()),
            ..resource("ui://app/chart.html")
        }]))
    }

    fn list_templates(_cursor: Option<String>) -> Result<resources::TemplatePage, Error> {
        Ok(template_page(&[]))
    }

    fn read(
        request: resources::ReadRequest,
        _context: Context,
    ) -> Result<resources::ReadOutcome, Error> {
        let page =
            "<!doctype html><title>Chart</title><script>parent.postMessage('hi', '*')</script>";
        read(vec![ResourceContents {
            mime_type: Some("text/html;profile=mcp-app".into()),
            meta: Some(r#"{"ui":{"csp":{"connectDomains":[]},"permissions":{}}}"#.into()),
            ..contents(request.uri, page)
        }])
    }
}

export!(App: tools, resources);
