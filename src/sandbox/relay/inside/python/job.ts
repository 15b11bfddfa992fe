/**
 * Python that holds one command as a daemon of its own, so that it outlives every connection. It listens on `s` in the
 * job's folder. Its log is a stream of records (type, length, bytes): S started, o and e output, i input taken so far,
 * x how it ended. A client sends F (name, offset) to follow from there, A (offset) what it has for good, I (offset,
 * bytes) input, Z (length) its end, K a signal, Q to end all of it, B goodbye. At most a megabyte of the log is kept;
 * when it is full nothing more is read from the command. In place of its streams a command may have a terminal of its
 * own, by a size (such as `30x100`) where the spec tells of input: then T (bytes) types, W (size) changes the size, and
 * the last of what it showed is kept for who joins.
 */
export const jobPart = String.raw`
from _collections import deque
from _signal import set_wakeup_fd

most = 1048576

def size_of(text):
    rows, sign, columns = text.partition(b'x')
    return (int(rows), int(columns)) if rows.isdigit() and columns.isdigit() else None
def size_pty(master, size):
    fcntl.ioctl(master, 0x5414, struct.pack('4H', *(side & 65535 for side in size), 0, 0))
def open_pty(size):
    master = os.open('/dev/ptmx', os.O_RDWR)
    fcntl.ioctl(master, 0x40045431, struct.pack('i', 0))
    number, = struct.unpack('I', fcntl.ioctl(master, 0x80045430, struct.pack('I', 0)))
    size_pty(master, size)
    return master, b'/dev/pts/%d' % number

# Answers a word, and with ok the connection of the first follower, on which the head of the log comes before the command
# is started: where nothing comes, nothing was. In the new process something is forgotten first; in this one something is
# done meanwhile.
def begin(op, name, spec, forget=lambda: None, meanwhile=lambda: None):
    try:
        os.mkdir(jobs + b'/' + op, 0o700)
        near, far = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    except OSError as error:
        return b'dup' if isinstance(error, FileExistsError) else b'failed', None
    def held():
        near.close()
        forget()
        Job(op, spec).run(far, name)
    try:
        apart(held)
    except OSError:
        return b'failed', None
    far.close()
    meanwhile()
    return b'ok', near

class Job:
    def __init__(self, op, spec):
        os.chdir(jobs + b'/' + op)
        deadline, keep, input, self.cwd, count, *rest = spec.split(b'\0')
        self.op, self.keep = op, keep != b''
        self.more, self.argv = rest[:int(count)], rest[int(count):]
        self.size = size_of(input)
        self.log, self.base, self.lengths = bytearray(), 0, deque()
        self.input, self.fed, self.reported, self.inend, self.inopen = bytearray(), 0, 0, False, input != b''
        self.conns, self.pipes = {}, {}
        self.door = self.master = self.inw = None
        self.ended = self.over = self.killing = None
        self.start = self.contact = clock()
        self.until = self.start + float(deadline) if deadline else None
        self.gone = self.kept = 0

    def run(self, first, name):
        for one in (SIGHUP, SIGINT, SIGTERM):
            signal(one, SIG_IGN)
        self.listen()
        streams, theirs = self.open_streams()
        whyr, whyw = os.pipe()
        # Whoever began it may be gone already.
        try:
            put(first.fileno(), struct.pack('>Q', 0))
        except OSError:
            pass
        why = self.begin_command(streams, whyw)
        for fd in (whyw, *theirs):
            os.close(fd)
        # Done while the command starts.
        nowhere(0, 1, 2)
        load(holding_part)
        why = why or read_all(whyr)
        os.close(whyr)
        follower = welcome(self, first)
        follower.name, follower.at = name, 0
        if why:
            finish(self, b'refused ' + why)
        else:
            self.add(b'S', b'')
        hold(self)

    def listen(self):
        self.door = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self.door.bind(b's')
        self.door.listen(16)
        self.door.setblocking(False)
        # The end of the command ends a wait. Nothing else does, as Python takes up what a signal interrupted.
        self.woken, wake = os.pipe()
        os.set_blocking(wake, False)
        set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal(SIGCHLD, lambda *_: None)

    # What the command is to run on, and what of it is not ours once it does.
    def open_streams(self):
        if self.size:
            self.master, terminal = open_pty(self.size)
            self.inw, self.pipes = os.dup(self.master), {b'o': self.master}
            if self.keep:
                spill(b'kept', b'')
            streams, theirs = terminal, []
        else:
            outr, outw = os.pipe()
            errr, errw = os.pipe()
            inr, self.inw = os.pipe() if self.inopen else (os.open('/dev/null', os.O_RDONLY), None)
            self.pipes = {b'o': outr, b'e': errr}
            streams = theirs = [inr, outw, errw]
        for fd in self.pipes.values() if self.inw is None else (self.inw, *self.pipes.values()):
            os.set_blocking(fd, False)
        return streams, theirs

    # Why it cannot be begun, where that is known at once.
    def begin_command(self, streams, whyw):
        try:
            self.pid = os.fork()
        except OSError:
            self.pid = 0
            self.ended = 0
            return b'There is no process left'
        if not self.pid:
            run_command(self.op, self.cwd, self.more, self.argv, streams, whyw)
        return b''

    @property
    def tail(self):
        return self.base + len(self.log)

    def add(self, kind, body):
        told = record(kind, body)
        self.log += told
        self.lengths.append(len(told))

    def trim(self, to):
        while self.lengths and self.base + self.lengths[0] <= to:
            length = self.lengths.popleft()
            del self.log[:length]
            self.base += length
`;
