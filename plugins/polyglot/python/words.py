"""The plugin `words`, which also exists in Rust and in JavaScript. All three say the same, byte for byte.

Each interface of the contract is a class of its name, and each record a dataclass whose fields are all given; what is
optional may be `None`. To fail, raise `Err` with one of the contract's errors: any other exception is a crash.
"""

import json
import re

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.completion import CompleteRequest, Reference_Prompt, Suggestions
from wit_world.exports.prompts import (
    GetOutcome,
    GetOutcome_Complete,
    GetRequest,
    Prompt,
    PromptArgument,
    PromptMessage,
    PromptPage,
    PromptResult,
)
from wit_world.exports.resources import (
    ReadOutcome,
    ReadOutcome_Complete,
    ReadRequest,
    ReadResult,
    ResourcePage,
    TemplatePage,
)
from wit_world.exports.tools import (
    CallOutcome,
    CallOutcome_Complete,
    CallOutcome_InputRequired,
    CallRequest,
    Tool,
    ToolAnnotations,
    ToolPage,
)
from wit_world.imports import log, progress, store
from wit_world.imports.call import (
    Context,
    Continuation,
    Form,
    InputRequest_ElicitForm,
    InputRequired,
    InputResponse_Accepted,
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

COUNT_WORDS_INPUT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "description": "The text."},
        "at_least": {
            "type": "integer",
            "default": 1,
            "minimum": 1,
            "description": "The fewest characters that make a word count.",
            "maximum": 100,
        },
    },
    "required": ["text"],
}

COUNT_WORDS_OUTPUT = {
    "type": "object",
    "properties": {
        "words": {"type": "integer", "description": "The words that count.", "minimum": 0},
        "distinct": {"type": "integer", "description": "How many of them differ, whatever their case.", "minimum": 0},
        "longest": {
            "type": ["string", "null"],
            "description": "The longest of them, the first when several are as long; none when there is no word.",
        },
    },
    "required": ["words", "distinct", "longest"],
    "description": "What was counted.",
    "title": "Counts",
}

REPLACE_WORD_INPUT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "description": "The text."},
        "word": {"type": "string", "description": "The word to replace."},
    },
    "required": ["text", "word"],
}


class Tools(exports.Tools):
    """Counts words, and replaces them."""

    def list(self, cursor: str | None) -> ToolPage:
        refuse_cursor(cursor)
        return ToolPage(
            tools=[
                tool(
                    "count_words",
                    "Count words",
                    "Counts the words of a text, except those that the operator said to ignore.",
                    COUNT_WORDS_INPUT,
                    COUNT_WORDS_OUTPUT,
                    ToolAnnotations(
                        read_only_hint=True, destructive_hint=None, idempotent_hint=True, open_world_hint=False
                    ),
                ),
                tool(
                    "replace_word",
                    "Replace a word",
                    "Replaces a word everywhere in a text. Asks the person for the new word, and again before more than"
                    " one is replaced.",
                    REPLACE_WORD_INPUT,
                    None,
                    ToolAnnotations(
                        read_only_hint=True, destructive_hint=None, idempotent_hint=None, open_world_hint=False
                    ),
                ),
            ],
            next_cursor=None,
            cache=None,
        )

    def call(self, request: CallRequest, context: Context) -> CallOutcome:
        # The host checked the arguments against the schema.
        arguments = json.loads(request.arguments)
        match request.name:
            case "count_words":
                return count_words(arguments["text"], arguments.get("at_least", 1))
            case "replace_word":
                return replace_word(arguments["text"], arguments["word"], request.continuation)
            case name:
                raise Err(Error_NotFound(name))


def count_words(text: str, at_least: int) -> CallOutcome:
    """Counts the words of a text."""
    progress.report(1, 2, "splitting")
    if not text:
        return no("there is no text: give at least one word")
    ignored = ignored_words()
    # The white space of ASCII: each language has its own idea of all the rest.
    words = [
        word
        for word in re.split("[ \t\n\f\r]+", text)
        if len(word) >= at_least and word.lower() not in ignored
    ]

    progress.report(2, 2, "counting")
    counts = {
        "words": len(words),
        "distinct": len({word.lower() for word in words}),
        "longest": max(words, key=len, default=None),
    }
    log.write(log.Level.INFO, None, "counted", to_json({"words": len(words)}))
    structured = to_json(counts)
    return CallOutcome_Complete(
        ToolResult(content=[text_block(structured)], structured=structured, is_error=False, meta=None)
    )


def replace_word(text: str, word: str, continuation: Continuation) -> CallOutcome:
    """Replaces a word. It comes again, in a fresh instance, with what the person said."""
    words = text.split(" ")
    found = words.count(word)
    if found == 0:
        return no(f"there is no `{word}` in the text")

    def replace(replacement: str) -> CallOutcome:
        return yes(" ".join(replacement if it == word else it for it in words))

    responses = dict(continuation.responses)
    # The second round's response is in, so the state holds what the first one brought.
    if consent := responses.get("consent"):
        if not isinstance(consent, InputResponse_Accepted) or not json.loads(consent.value)["all"]:
            return no("nothing was replaced")
        return replace((continuation.state or b"").decode())
    response = responses.get("replacement")
    if response is None:
        schema = {
            "type": "object",
            "properties": {"replacement": {"type": "string", "description": "The new word."}},
            "required": ["replacement"],
            "title": "Replacement",
        }
        return ask("replacement", f"What shall stand in place of `{word}`?", schema, None)
    if not isinstance(response, InputResponse_Accepted):
        return no("nothing was replaced")
    replacement = json.loads(response.value)["replacement"]
    if found == 1:
        return replace(replacement)
    schema = {
        "type": "object",
        "properties": {"all": {"type": "boolean", "description": "Whether to replace all of them."}},
        "required": ["all"],
        "title": "Consent",
    }
    return ask("consent", f"Replace all {found}?", schema, replacement.encode())


class Resources(exports.Resources):
    """The words that are not counted."""

    def list(self, cursor: str | None) -> ResourcePage:
        refuse_cursor(cursor)
        ignored = ResourceLink(
            uri="words://ignored",
            name="ignored",
            title="Ignored words",
            description="The words that are not counted, one on each line.",
            mime_type="text/plain",
            size=None,
            annotations=None,
            icons=None,
            meta=None,
        )
        return ResourcePage(resources=[ignored], next_cursor=None, cache=None)

    def list_templates(self, cursor: str | None) -> TemplatePage:
        refuse_cursor(cursor)
        return TemplatePage(templates=[], next_cursor=None, cache=None)

    def read(self, request: ReadRequest, context: Context) -> ReadOutcome:
        if request.uri != "words://ignored":
            raise Err(Error_NotFound(request.uri))
        contents = ResourceContents(
            uri=request.uri,
            mime_type="text/plain",
            body=ResourceBody_Text("\n".join(ignored_words())),
            meta=None,
        )
        return ReadOutcome_Complete(ReadResult(contents=[contents], cache=None, meta=None))


class Prompts(exports.Prompts):
    """Asks for a text in another tone."""

    def list(self, cursor: str | None) -> PromptPage:
        refuse_cursor(cursor)
        rewrite = Prompt(
            name="rewrite",
            title="Rewrite a text",
            description="Asks for a text in another tone.",
            arguments=[
                PromptArgument(name="text", title=None, description="The text.", required=True),
                PromptArgument(
                    name="tone", title=None, description="How it shall sound; friendly when left out.", required=False
                ),
            ],
            icons=None,
            meta=None,
        )
        return PromptPage(prompts=[rewrite], next_cursor=None, cache=None)

    def get(self, request: GetRequest, context: Context) -> GetOutcome:
        if request.name != "rewrite":
            raise Err(Error_NotFound(request.name))
        arguments = dict(request.arguments)
        for name in arguments:
            if name not in ("text", "tone"):
                raise Err(Error_InvalidParams(f"unknown argument `{name}`"))
        tone = arguments.get("tone", "friendly")
        if tone not in TONES:
            raise Err(Error_InvalidParams(f"there is no tone `{tone}`"))
        text = f"Rewrite this text so that it sounds {tone}:\n\n{arguments['text']}"
        message = PromptMessage(role=Role.USER, content=text_block(text))
        return GetOutcome_Complete(PromptResult(description=None, messages=[message], meta=None))


class Completion(exports.Completion):
    """Completes a tone."""

    def complete(self, request: CompleteRequest, context: Context) -> Suggestions:
        if request.reference != Reference_Prompt("rewrite") or request.argument != "tone":
            raise Err(Error_NotFound(request.argument))
        values = [tone for tone in TONES if tone.startswith(request.value)]
        return Suggestions(values=values, total=None, has_more=False)


def tool(
    name: str, title: str, description: str, input_schema: dict, output_schema: dict | None, annotations: ToolAnnotations
) -> Tool:
    """A tool with what this plugin has to say of its tools."""
    return Tool(
        name=name,
        title=title,
        description=description,
        input_schema=to_json(input_schema),
        output_schema=to_json(output_schema) if output_schema else None,
        annotations=annotations,
        icons=None,
        task_support=None,
        required_capabilities=None,
        meta=None,
    )


def ask(key: str, message: str, schema: dict, state: bytes | None) -> CallOutcome:
    """Ends the round with a form."""
    question = InputRequest_ElicitForm(Form(message=message, schema=to_json(schema)))
    return CallOutcome_InputRequired(InputRequired(requests=[(key, question)], state=state))


def yes(text: str) -> CallOutcome:
    """An answer in words."""
    return CallOutcome_Complete(ToolResult(content=[text_block(text)], structured=None, is_error=False, meta=None))


def no(text: str) -> CallOutcome:
    """A "no" that the model can act on."""
    return CallOutcome_Complete(ToolResult(content=[text_block(text)], structured=None, is_error=True, meta=None))


def text_block(text: str) -> ContentBlock_Text:
    return ContentBlock_Text(TextContent(text=text, annotations=None, meta=None))


def ignored_words() -> list[str]:
    """The setting `ignored`, which the manifest gives a default."""
    return json.loads(store.get("ignored") or "[]")


def refuse_cursor(cursor: str | None) -> None:
    """Everything is on the first page."""
    if cursor is not None:
        raise Err(Error_InvalidParams(f"unknown cursor `{cursor}`"))


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
