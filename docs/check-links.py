#!/usr/bin/env python3
"""Says which links of the built book lead nowhere. Needs nothing but Python; the folder with the book is its argument."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The anchors of a page and where its links lead."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" and value:
                self.anchors.add(value)
            if name in ("href", "src") and value:
                self.links.append(value)


def main():
    book = Path(sys.argv[1]).resolve()
    pages = {path: Page(path) for path in sorted(book.rglob("*.html"))}
    n_links, broken = 0, []
    for path, page in pages.items():
        # Printed as one, all pages repeat what they say elsewhere; the page for what is not found has a base of its own.
        if path.name in ("print.html", "404.html", "toc.html"):
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("/"):
                continue
            n_links += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                broken.append(f"{path.relative_to(book)}: {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                broken.append(f"{path.relative_to(book)}: {link} (no such heading)")
    print(f"{len(pages)} pages, {n_links} links, {len(broken)} of them broken")
    print("\n".join(broken))
    sys.exit(1 if broken or not n_links else 0)


main()
