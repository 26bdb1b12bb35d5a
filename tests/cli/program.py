"""Runs moonlab and stock lua in a fixed environment."""

import atexit
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

BINARY = None
TIMEOUT = 10  # only ever reached by a program that hangs


def use(binary):
    global BINARY
    BINARY = str(pathlib.Path(binary).resolve())


def environment(home, **extra):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    env.update({name: str(value) for name, value in extra.items()})
    return env


@contextlib.contextmanager
def folder(**files):
    """A new folder with some files; a name's double underscores are slashes: nn__init -> nn/init.lua."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="moonlab-cli-"))
    try:
        for name, text in files.items():
            file = path / (name.replace("__", "/") + ".lua")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


HOME = tempfile.mkdtemp(prefix="moonlab-home-")
atexit.register(shutil.rmtree, HOME, True)


def run(*arguments, stdin="", cwd=None, binary=None, prepare=None, **extra):
    """Returns the CompletedProcess; text on both sides."""
    return subprocess.run([binary or BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True, cwd=cwd,
                          env=environment(HOME, **extra), timeout=TIMEOUT, preexec_fn=prepare)


def heeds_signals():
    """In the child: a shell that runs the tests in the background has them ignore ^C, and what they start too."""
    for sig in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(sig, signal.SIG_DFL)


def start(*arguments, cwd=None, **extra):
    return subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, cwd=cwd, env=environment(HOME, **extra),
                            preexec_fn=heeds_signals)


def has_readline():
    return "readline" in next(line for line in run("doctor").stdout.splitlines() if "editing" in line).split()


def needs_readline(test):
    test.needs_readline = True
    return test


def equal(got, expected, what=""):
    if got != expected:
        raise AssertionError(f"{what}{': ' if what else ''}expected {expected!r}, got {got!r}")


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"expected {part!r} in {text!r}")


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError(f"expected no {part!r} in {text!r}")
