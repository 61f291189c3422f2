"""The plugin `words`, which also exists in Rust and in JavaScript. All three say the same, byte for byte.

Each interface of the contract is a class with its name, and each record a dataclass with all of its fields; what is
optional is `None`. To fail, raise `Err` with one of the contract's errors.
"""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.completion import CompleteRequest, Reference_Prompt, Suggestions
from wit_world.exports.prompts import (
    GetOutcome_Complete,
    GetRequest,
    Prompt,
    PromptArgument,
    PromptMessage,
    PromptPage,
    PromptResult,
)
from wit_world.exports.resources import ReadOutcome_Complete, ReadRequest, ReadResult, ResourcePage, TemplatePage
from wit_world.exports.tools import (
    CallOutcome_Complete,
    CallOutcome_InputRequired,
    CallRequest,
    TaskSupport,
    Tool,
    ToolAnnotations,
    ToolPage,
)
from wit_world.imports import log, progress, store
from wit_world.imports.call import (
    Context,
    Form,
    InputRequest_ElicitForm,
    InputRequired,
    InputResponse_Accepted,
    InputResponse_Declined,
)
from wit_world.imports.content import (
    ContentBlock_Text,
    ResourceBody_Text,
    ResourceContents,
    ResourceLink,
    TextContent,
    ToolResult,
)
from wit_world.imports.types import Error_InvalidParams, Error_NotFound, Role

# The tones a text can be rewritten in.
TONES = ["formal", "friendly", "terse"]

COUNT_WORDS = Tool(
    name="count_words",
    title="Count words",
    description="Counts the words of a text, except those that the operator said to ignore.",
    input_schema="{\"type\":\"object\"}",
    output_schema=None,
    annotations=ToolAnnotations(True, None, True, False),
    icons=[],
    task_support=TaskSupport.FORBIDDEN,
    required_capabilities=None,
    meta=None,
)

def text_block(t): return ContentBlock_Text(TextContent(text=t, annotations=None, meta=None))

class Tools(exports.Tools):
    def list(self, cursor):
        return ToolPage(tools=[COUNT_WORDS], next_cursor=None, cache=None)

    def call(self, request, context):
        if request.name != "count_words":
            raise Err(Error_NotFound(request.name))
        args = json.loads(request.arguments)
        text = args["text"]
        progress.report(1, 2, "splitting")
        ignored = json.loads(store.get("ignored"))
        log.write(log.Level.INFO, None, "counted", json.dumps({"words": 1}))
        if text == "boom":
            raise ValueError("boom")
        if text == "none":
            return None
        return CallOutcome_Complete(ToolResult(content=[text_block(json.dumps(ignored))], structured=None, is_error=False, meta=None))

class Resources(exports.Resources):
    def list(self, cursor): return ResourcePage([], None, None)
    def list_templates(self, cursor): return TemplatePage([], None, None)
    def read(self, r, c): raise Err(Error_NotFound(r.uri))
class Prompts(exports.Prompts):
    def list(self, cursor): return PromptPage([], None, None)
    def get(self, r, c): raise Err(Error_NotFound(r.name))
class Completion(exports.Completion):
    def complete(self, r, c): return Suggestions([], None, False)
