/**
 * A program for Python 3.5 and newer that runs its first argument by the shell in a new pseudo-terminal and copies
 * between that and its own standard input and output. Unlike `pty.spawn` it never waits to write while there is
 * something to read, so a paste that comes back as it goes in cannot lock both sides. Its exit code is the shell's,
 * 128 and the number for a signal.
 */
export const ptyProgram = `
import os, pty, select, signal, sys

wake, note = os.pipe()
for fd in (wake, note):
    os.set_blocking(fd, False)
signal.signal(signal.SIGCHLD, lambda *_: None)
signal.set_wakeup_fd(note)
pid, tty = pty.fork()
if pid == 0:
    os.execv("/bin/sh", ["/bin/sh", "-c", sys.argv[1]])
for fd in (0, 1, tty):
    os.set_blocking(fd, False)

def take(fd):
    try:
        return os.read(fd, 65536)
    except BlockingIOError:
        return None
    except OSError:
        return b""

def put(fd, data):
    try:
        return data[os.write(fd, data):]
    except BlockingIOError:
        return data
    except OSError:
        return b""

typed, shown, code, typing, showing = b"", b"", None, True, True
while shown or showing or code is None:
    reads = [wake] + ([0] if typing and not typed else []) + ([tty] if showing and not shown else [])
    writes = ([tty] if typed else []) + ([1] if shown else [])
    if code is None or shown:
        readable, writable, _ = select.select(reads, writes, [])
    else:
        readable, writable = [tty], []
    if wake in readable:
        take(wake)
        done, status = os.waitpid(pid, os.WNOHANG) if code is None else (0, 0)
        if done:
            code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    if 0 in readable:
        typed = take(0) or b""
        typing = typed != b""
    if tty in readable:
        read = take(tty)
        shown = read or b""
        showing = read != b"" and (read is not None or code is None)
    if tty in writable:
        typed = put(tty, typed)
    if 1 in writable:
        shown = put(1, shown)
sys.exit(code)
`;
