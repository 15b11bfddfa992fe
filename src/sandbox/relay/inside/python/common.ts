/**
 * Python that every part of the program uses: files, base64, sockets, connecting to a job. No module is loaded that a
 * short command does not need: `socket`, `signal` and `re` each take longer than Python itself takes to start, so what
 * they are made of is used in place of the first two. Paths, variables and arguments are bytes throughout.
 */
export const commonPart = String.raw`
import binascii, fcntl, os, select, struct, sys, time
from _signal import SIG_DFL, SIG_IGN, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGTERM, SIGXFSZ
from _signal import getsignal, signal
import _socket

root = os.path.dirname(os.fsencode(sys.argv[0]))
jobs = root + b'/j'
piece = 32768
# What is interrupted ends without a word, and what writes to nobody hears of it: as Python has it for the latter.
if getsignal(SIGINT) != SIG_IGN:
    signal(SIGINT, SIG_DFL)

def put(fd, text):
    left = memoryview(text)
    while left:
        left = left[os.write(fd, left):]
def say_line(text):
    put(1, text + b'\n')
def spill(path, text):
    try:
        with open(path + b'.new', 'wb', 0) as file:
            put(file.fileno(), text)
        os.rename(path + b'.new', path)
        return True
    except OSError:
        return False
def slurp(path):
    try:
        with open(path, 'rb', 0) as file:
            return file.read()
    except OSError:
        return None
def forget_files(*paths):
    for path in paths:
        try:
            os.unlink(path)
        except OSError:
            pass
# Seconds since the boot, which no clock that is set back changes.
def clock():
    return time.clock_gettime(time.CLOCK_BOOTTIME)
def seen():
    spill(root + b'/seen', b'%d' % time.time())
# What is no number counts as none: whatever connects to us here may say it.
def number(text):
    try:
        return int(text)
    except ValueError:
        return 0

def enc(data):
    return binascii.b2a_base64(data, newline=False)
def dec(text):
    return binascii.a2b_base64(text)

# What there is at once: b'' at the end, None where it may come later.
def read(fd, most):
    try:
        return os.read(fd, most)
    except BlockingIOError:
        return None
# How much was written at once.
def write(fd, data):
    try:
        return os.write(fd, data)
    except BlockingIOError:
        return 0
def read_all(fd):
    return b''.join(iter(lambda: os.read(fd, 65536), b''))
def nowhere(*fds):
    null = os.open('/dev/null', os.O_RDWR)
    for fd in fds:
        os.dup2(null, fd)
    os.close(null)
# Which of these can be read and which can be written to, once one can or the time is over. Any number may be open.
def ready(reads, writes, seconds=None):
    poll = select.poll()
    for fd in reads | writes:
        poll.register(fd, (select.POLLIN if fd in reads else 0) | (select.POLLOUT if fd in writes else 0))
    told = poll.poll(None if seconds is None else seconds * 1000)
    readable = {fd for fd, events in told if events & ~select.POLLOUT}
    writable = {fd for fd, events in told if events & ~select.POLLIN}
    return readable & reads, writable & writes

# Runs something in a process of a session of its own, which nobody waits for; its number is told before we go on.
def apart(work, told=lambda pid: None):
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        return
    try:
        os.setsid()
        pid = os.fork()
        if pid:
            told(pid)
        else:
            work()
    finally:
        os._exit(0)

def names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []
def processes():
    return [int(name) for name in names(b'/proc') if name.isdigit()]
# What proc(5) tells of a process behind its name: state, parent, group, session.
def standing(pid):
    told = (slurp(b'/proc/%d/stat' % pid) or b'').rpartition(b') ')[2].split()[:4]
    return (told[0], *map(int, told[1:])) if len(told) == 4 else (b'X', 0, 0, 0)
def send(what, *pids):
    for pid in pids:
        try:
            os.kill(pid, what)
        except OSError:
            pass
def record(kind, body):
    return struct.pack('>cI', kind, len(body)) + body
def records(buffer, each):
    while len(buffer) >= 5:
        kind, length = struct.unpack_from('>cI', buffer)
        if len(buffer) < 5 + length:
            break
        body = bytes(buffer[5:5 + length])
        del buffer[:5 + length]
        each(kind, body)
def job_socket(op):
    s = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        # Its path may be too long for a socket's.
        os.chdir(jobs)
        s.connect(op + b'/s')
    except OSError:
        s.close()
        return None
    # A command may have stopped its holder, which is its parent.
    send(SIGCONT, *holder(s))
    return s
# The process that listens at the other end, where it can be seen from here.
def holder(s):
    pid = struct.unpack('3i', s.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))[0]
    return [pid] if pid > 0 else []
# The other side reads to an end.
def said_all(s):
    try:
        s.shutdown(_socket.SHUT_WR)
    except OSError:
        pass
def is_known(op):
    return os.path.exists(jobs + b'/' + op)
# Processes that carry a job's mark or are of its session, the dead and ourselves left out.
def members(session, mark):
    def is_one(pid):
        state, _, _, own = standing(pid)
        return pid != os.getpid() and state not in b'ZX' and (own == session or carries(pid, mark))
    return [pid for pid in processes() if is_one(pid)]
def carries(pid, mark):
    return mark and b'\0' + mark + b'\0' in b'\0' + (slurp(b'/proc/%d/environ' % pid) or b'')
# Kills until none is left; true once that was seen.
def kill_members(session, mark):
    for time_of_it in range(1, 101):
        left = members(session, mark)
        if not left:
            return True
        send(SIGKILL, *left)
        time.sleep(0.02 + time_of_it / 1000)
    return False
`;
