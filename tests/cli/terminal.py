"""A session of the REPL in a pseudo-terminal. It always waits for a prompt or for a text, never for time."""

import contextlib
import pathlib
import re
import signal

import pexpect

import program

PASTING = r"\x1b\[\?2004[hl]\r?"  # readline switches bracketed paste on and off around each line
PROMPT = rf"((?:[^\n]*\n)*?)(?:{PASTING})*(>{{1,2}}) $"


def inputrc():
    path = pathlib.Path(program.HOME) / "inputrc"
    path.write_text("set enable-bracketed-paste off\n")
    return path


class Session:
    def __init__(self, *arguments, program_path=None, home=None, width=100, **extra):
        self.env = program.environment(home or program.HOME, INPUTRC=extra.pop("INPUTRC", inputrc()), **extra)
        self.child = pexpect.spawn(program_path or program.BINARY, list(map(str, arguments)), env=self.env, dimensions=(24, width),
                                   encoding="utf8", timeout=program.TIMEOUT, preexec_fn=program.heeds_signals)
        self.child.delaybeforesend = None
        self.banner = self.prompt()

    def prompt(self):
        """Waits for a prompt; what stood before it, without its escapes."""
        self.child.expect(PROMPT)
        self.last = self.child.match.group(2)
        return re.sub(PASTING, "", self.child.match.group(1)).replace("\r\n", "\n")

    def type(self, text):
        """Sends text and waits until it stands there."""
        self.child.send(text)
        self.child.expect_exact(text)

    def say(self, line):
        """Types a line; gives what is printed up to the next prompt."""
        self.type(line)
        return self.enter()

    def enter(self):
        self.child.send("\n")
        self.child.expect_exact("\r\n")
        return self.prompt()

    def interrupt(self):
        self.child.sendintr()
        return self.prompt()

    def leave(self):
        self.child.sendeof()
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@contextlib.contextmanager
def session(*arguments, **options):
    s = Session(*(arguments or ("-q",)), **options)
    try:
        yield s
    finally:
        if s.child.isalive():
            s.child.kill(signal.SIGKILL)
        s.child.close()
