/**
 * Python that goes on with a job (see `job.ts`) once its command was started: reads from the command, and serves whoever
 * connects, until both are over.
 */
export const holdingPart = String.raw`
grace, shown, alone_shown = 30, 65536, 262144

class Conn:
    def __init__(self, s):
        self.s, self.fd = s, s.fileno()
        self.out, self.input, self.name = b'', bytearray(), b''
        self.at, self.acked = None, 0
        self.types = self.deaf = self.dead = self.shut = False

def behind(job, conn):
    return bool(conn.out) or conn.at is not None and conn.at < job.tail
def finish(job, how):
    if job.over:
        return
    job.over = how
    job.add(b'x', how)
    spill(b'end', how)
    job.gone = job.kept = clock() + 600
    forget_files(b'kept', b'quit')
    # Whoever still runs in a terminal hears that it was hung up.
    if job.size:
        job.pipes = {}
        close_input(job)
        os.close(job.master)
def stop(job, by):
    if job.over or job.killing:
        return
    job.killing = by
    dead = kill_members(job.pid, b'AIRLOCK_JOB=' + job.op)
    for kind, fd in job.pipes.items():
        while len(job.log) < most:
            data = heard_of(fd)
            if not data:
                break
            job.add(kind, data)
    finish(job, b'stopped %s group' % by if dead else b'unverified ' + by)
def close_input(job):
    if job.inw is not None:
        os.close(job.inw)
        job.inw = None
def heard_of(fd):
    try:
        return read(fd, piece)
    except OSError:
        return b''

def heed(job, conn, kind, body):
    if kind == b'F':
        conn.name, _, at = body.partition(b' ')
        for other in job.conns.values():
            other.dead = other.dead or other is not conn and other.name == conn.name
        conn.at = conn.acked = min(max(number(at), job.base), job.tail)
        conn.out = struct.pack('>Q', conn.at)
    elif kind == b'A':
        conn.acked = max(conn.acked, number(body))
    elif kind == b'I' and job.inopen and not job.inend and len(body) > 8:
        skip = job.fed + len(job.input) - struct.unpack_from('>Q', body)[0]
        if 0 <= skip < len(body) - 8:
            job.input += body[8 + skip:]
    elif kind == b'Z':
        job.inend = job.inend or job.fed + len(job.input) == number(body)
    elif kind == b'K' and body in (b'INT', b'TERM', b'KILL') and not job.over:
        send({b'INT': SIGINT, b'TERM': SIGTERM, b'KILL': SIGKILL}[body], -job.pid)
    elif kind == b'Q':
        stop(job, b'abort')
    elif kind == b'B':
        # Who was told all of it leaves; others may not know it yet.
        if job.over and not job.size and conn.at is not None and not behind(job, conn):
            job.gone = 0
    elif kind == b'T' and job.size and job.inopen and not job.over:
        conn.types = True
        job.input += body
    elif kind == b'W' and job.size and not job.over and size_of(body):
        size_pty(job.master, size_of(body))

def let_go(job, conn):
    job.conns.pop(conn.fd).s.close()
def shut_door(job):
    job.door.close()
    job.door = None
    forget_files(b's')
    for conn in list(job.conns.values()):
        let_go(job, conn)
def keep_bounds(job, alone):
    followers = [conn.acked for conn in job.conns.values() if conn.at is not None]
    if followers:
        job.trim(min(*followers, job.tail - shown) if job.size else min(followers))
    elif job.size:
        if len(job.log) > alone_shown + shown:
            job.trim(job.tail - alone_shown)
    elif alone and len(job.log) > most:
        job.trim(job.tail - most // 2)

# What is waited for, and for how long.
def wishes(job, now, room):
    reads, writes = {job.woken}, set()
    if job.door:
        reads.add(job.door.fileno())
    if room or job.over:
        reads.update(job.pipes.values())
    if job.inw is not None and job.input:
        writes.add(job.inw)
    for conn in job.conns.values():
        if not conn.deaf and len(job.input) <= (shown if conn.types else most):
            reads.add(conn.fd)
        if behind(job, conn):
            writes.add(conn.fd)
        elif job.over and conn.at is not None and not conn.shut:
            said_all(conn.s)
            conn.shut = True
            # All was sent: it is kept for a while, should it not have arrived.
            job.gone = min(job.gone, now + 60)
    seconds = 5 if job.over else 0.25 if job.ended is None else 0.03
    if job.until is not None and not job.over:
        seconds = max(min(seconds, job.until - now), 0)
    return reads, writes, seconds

def take_in(job, readable):
    for kind, fd in list(job.pipes.items()):
        if fd not in readable:
            continue
        data = heard_of(fd)
        if data and not job.over:
            job.add(kind, data)
            if job.ended is not None:
                job.heard, job.after = clock(), job.after + len(data)
        elif data == b'':
            del job.pipes[kind]
            if fd != job.master:
                os.close(fd)
def feed(job, writable, room):
    if job.inw in writable:
        try:
            taken = write(job.inw, job.input)
            del job.input[:taken]
            job.fed += taken
        except OSError:
            job.inopen = False
            job.input.clear()
            if not job.size:
                job.add(b'i', b'%d closed' % job.fed)
    if not job.size and job.fed > job.reported and room and (not job.input or job.fed - job.reported >= 65536):
        job.reported = job.fed
        job.add(b'i', b'%d' % job.fed)
def reap(job):
    if job.ended is not None:
        return
    pid, status = os.waitpid(job.pid, os.WNOHANG)
    if pid:
        job.ended, job.after, job.heard = status, 0, clock()
def welcome(job, s):
    s.setblocking(False)
    conn = job.conns[s.fileno()] = Conn(s)
    return conn
def open_door(job):
    try:
        fd, _ = job.door._accept()
    except OSError:
        return
    welcome(job, _socket.socket(fileno=fd))
def serve(job, conn, readable, writable):
    try:
        if conn.fd in readable:
            data = read(conn.fd, 65536)
            if data:
                conn.input += data
                records(conn.input, lambda kind, body: heed(job, conn, kind, body))
            elif data == b'':
                conn.deaf = True
                conn.dead = conn.dead or not behind(job, conn)
        if conn.fd in writable:
            if not conn.out:
                start = max(conn.at - job.base, 0)
                conn.out = bytes(job.log[start:start + 65536])
                conn.at = job.base + start + len(conn.out)
            conn.out = conn.out[write(conn.fd, conn.out):]
    except OSError:
        conn.dead = True
def see_end(job, room):
    if job.ended is None or job.over or not (room or not job.pipes):
        return
    if not job.pipes or clock() - job.heard > 0.05 or job.after > most:
        # Ended for us while we were stopped: what it started may be left.
        if os.path.exists(b'quit'):
            stop(job, b'abort')
        else:
            finish(job, how_ended(job.ended))

def hold(job):
    while True:
        now = clock()
        for conn in [conn for conn in job.conns.values() if conn.dead]:
            let_go(job, conn)
        until = job.kept if any(behind(job, conn) for conn in job.conns.values()) else job.gone
        if job.over and job.door and (now > until or not os.path.exists(b'end')):
            shut_door(job)
        # What the command left behind goes on writing: its pipes stay open and are read.
        if not job.door and not job.pipes:
            return
        job.contact = now if job.conns else job.contact
        alone = now - job.contact > grace
        if alone and not job.keep and not job.over:
            stop(job, b'abort')
        keep_bounds(job, alone)
        if job.inend and not job.input or not job.inopen:
            close_input(job)
        room = len(job.log) < most
        reads, writes, seconds = wishes(job, now, room)
        readable, writable = ready(reads, writes, seconds)
        if job.woken in readable:
            os.read(job.woken, 4096)
        reap(job)
        if job.until is not None and job.ended is None and clock() >= job.until:
            stop(job, b'deadline')
        if job.door and job.door.fileno() in readable:
            open_door(job)
        take_in(job, readable)
        feed(job, writable, room)
        for conn in list(job.conns.values()):
            serve(job, conn, readable, writable)
        see_end(job, room)
`;
