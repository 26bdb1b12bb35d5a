#!/usr/bin/env python3
"""The command line and the REPL, as a user meets them.

    python3 tests/cli/run.py [--program build/moonlab] [WORD ...]

Runs every test_* function of the test_*.py files here, or those whose names contain one of the words. Needs lua5.4, beside
which the interpreter is compared, and python3-pexpect for the terminal."""

import argparse
import importlib
import pathlib
import sys
import traceback

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))

import program  # noqa: E402


def reason_of(error):
    lines = str(error).strip().splitlines()
    if isinstance(error, AssertionError) and lines:
        return " | ".join(lines[:12])
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {pathlib.Path(place.filename).name}:{place.lineno}: {' | '.join(lines[:12])}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=here.parent.parent / "build" / "moonlab")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    program.use(given.program)
    words, passed, failed = given.words, 0, 0
    for path in sorted(here.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name, test in list(vars(module).items()):
            title = f"cli.{path.stem[5:]}.{name[5:]}"
            if not name.startswith("test_") or (words and not any(word in title for word in words)):
                continue
            if getattr(test, "needs_readline", False) and not program.has_readline():
                continue
            try:
                test()
                passed += 1
                print(f"ok {title}", flush=True)
            except Exception as error:  # a test that breaks is a test that fails
                failed += 1
                print(f"FAIL {title} {reason_of(error)}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
