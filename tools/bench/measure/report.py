# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Tables on their way into a page."""

BEGIN, END = "<!-- measured: -->", "<!-- :measured -->"


def put(text, path):
    """Prints the text; where there is a path, also puts it between that
    file's marks, or makes it the file."""
    print(text)
    if not path:
        return
    page = f"{BEGIN}\n{END}\n"
    try:
        with open(path, encoding="utf-8") as file:
            page = file.read()
    except FileNotFoundError:
        pass
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path} has no marks {BEGIN} and {END}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
