"""Does what docs/clients.md shows, over stdio and over HTTP: each snippet adds two and three.

usage: snippets.py
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CLIENTS = Path(os.environ["CLIENTS"])
DOCUMENT = Path(__file__).parent / "../../docs/clients.md"
SHOWN_URL = "http://127.0.0.1:8087/mcp"

# How long one snippet may take. It is met only by one that fails.
PATIENCE = 180


def blocks():
    """The fenced blocks, as pairs of language and text."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


def over_http(text, url):
    """The same snippet over HTTP."""
    changed = text.replace("Client(OVER_STDIO", "Client(OVER_HTTP").replace("connect(overStdio())", "connect(overHttp())")
    assert changed != text, "the snippet has no server over stdio"
    return changed.replace(SHOWN_URL, url)


def run(command, environment, folder):
    """What a command prints."""
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
    return ended.stdout


def serve(environment, folder):
    """A server of the shipped plugins over HTTP, and its URL."""
    command = ["portcullis", "serve", "--http", "127.0.0.1:0"]
    server = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if found := re.search(r"http://\S+/mcp", line):
            return server, found[0]
    raise AssertionError("the server ended without an address")


def check(name, printed):
    """Each says five on a line of its own, or as a text in JSON."""
    assert "5" in printed.split() or re.search(r'"text": ?"5"', printed), f"{name}: {printed}"
    print(f"passed {name}")


def snippets(environment, folder, url):
    """Runs every snippet, in the order of the document."""
    n_python = 0
    for language, text in blocks():
        if language == "python":
            n_python += 1
            for over, program in (("stdio", text), ("http", over_http(text, url))):
                printed = run([CLIENTS / "venv/bin/python", "-W", "ignore", "-c", program], environment, folder)
                check(f"python snippet {n_python} over {over}", printed)
        elif language == "js":
            for over, program in (("stdio", text), ("http", over_http(text, url))):
                # Where an import finds the client.
                file = CLIENTS / f"snippet-{over}.mjs"
                file.write_text(program)
                check(f"js snippet over {over}", run(["node", file], environment, folder))
        elif language == "json":
            (folder / "mcp.json").write_text(text.replace(SHOWN_URL, url))
        elif language == "sh":
            for line in text.splitlines():
                printed = run(["sh", "-c", line], environment, folder)
                if "calculator" in line:
                    check(line.split()[0], printed)
        else:
            raise AssertionError(f"a snippet in {language} is not run")


def main():
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        (folder / "portcullis").symlink_to(os.environ["PORTCULLIS"])
        environment = dict(
            os.environ,
            HOME=home,
            # The compiled plugins of the last time.
            XDG_CACHE_HOME=str(CLIENTS / "cache"),
            PATH=f"{home}:{CLIENTS / 'node_modules/.bin'}:{os.environ['PATH']}",
            MCP_INSPECTOR_SECRET_STORE="file",
            # Not the connections of whoever runs this.
            MCP_INSPECTOR_DAEMON_DIR=home,
            MCP_INSPECTOR_DAEMON_TOKEN="of-this-run",
        )
        server, url = serve(environment, folder)
        try:
            snippets(environment, folder, url)
        finally:
            subprocess.run(["mcpdo", "daemon", "stop"], env=environment, cwd=folder, capture_output=True, check=False)
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
