/**
 * Python for the connections of a mux. Opening: J a job, T a port, L the ports that are listened on, K the terminals that
 * are kept, C records for a job, V that an operation shall never begin; o and r answer that. d data within the credit
 * that c grants, e the end of one direction, x the end of both, p a sign of life. Each direction of a channel starts with
 * a credit of a quarter megabyte.
 */
export const channelsPart = String.raw`
credit = 262144
channels = {}
# The channel that hears of listening ports, and what it heard last.
ports = {}

class Channel:
    def __init__(self, s, out=b'', job=None, new=False, ending=False, dial=None):
        s.setblocking(False)
        self.s, self.fd, self.out, self.may = s, s.fileno(), bytearray(out), credit
        # The operation whose first bytes are awaited, and whether it is begun by us; the port and addresses that are left
        # to try, and until when.
        self.job, self.new, self.dial = job, new, dial
        self.until = clock() + 10
        self.ending, self.ended, self.eof, self.broken = ending, False, False, False

def forget_all():
    for channel in channels.values():
        channel.s.close()
    channels.clear()
    ports.clear()
    tty_out.clear()
    tty_in.clear()
def close_channel(id):
    channel = channels.pop(id, None)
    if channel:
        channel.s.close()
def drop(id):
    close_channel(id)
    frame(b'x', id)
def settle(id):
    channel = channels[id]
    if channel.ending and not channel.out and not channel.ended:
        said_all(channel.s)
        channel.ended = True
    if channel.eof and (channel.ended or channel.broken):
        drop(id)

def known_op(op):
    return len(op) == 23 and op[:3] == b'op-' and not op[3:].strip(b'0123456789abcdef')
def open_job(id, body):
    how, op, name, at, spec = (body.split(b'\0', 4) + [b''] * 4)[:5]
    if not known_op(op):
        return frame(b'r', id, b'bad')
    new = how == b'go'
    word, s = begin(op, name, gathered(op) + spec, forget_all) if new else (b'ok', job_socket(op))
    if word != b'ok':
        return frame(b'r', id, word)
    if not s:
        return tell_end(id, op)
    # What is told next must find it.
    if new:
        ready({s.fileno()}, set())
    # Opened with its first byte: a job that has just been let go of, or could not begin, closes without one.
    channels[id] = Channel(s, b'' if new else record(b'F', name + b' ' + at), job=op, new=new)
def tell_end(id, op):
    end = slurp(jobs + b'/' + op + b'/end')
    if end is None:
        return frame(b'r', id, b'lost' if is_known(op) else b'none')
    frame(b'o', id, b'over')
    frame(b'd', id, record(b'x', end))
    frame(b'e', id)
# The job closes the connection once it has read all of it: then the channel is closed as well.
def tell_job(id, body):
    op, _, told = body.partition(b'\0')
    s = job_socket(op) if known_op(op) else None
    if not s:
        return frame(b'r', id, b'over' if known_op(op) and is_known(op + b'/end') else b'none')
    frame(b'o', id)
    channels[id] = Channel(s, told, ending=True)
    if told[:1] == b'Q':
        make_sure(op)
def never_begin(id, op):
    try:
        known_op(op) and os.mkdir(jobs + b'/' + op, 0o700)
        never = known_op(op) and spill(jobs + b'/' + op + b'/end', b'void')
    except OSError:
        never = False
    frame(b'r', id, b'void' if never else b'dup')
def tell_kept(id, _):
    kept = []
    for op in names(jobs):
        s = job_socket(op) if op[:3] == b'op-' and os.path.exists(jobs + b'/' + op + b'/kept') else None
        if s:
            s.close()
            kept.append(op)
    frame(b'o', id)
    frame(b'd', id, b'\n'.join(kept))
    frame(b'x', id)

def dial_next(id, port, *addresses):
    for at, address in enumerate(addresses):
        s = None
        try:
            s = _socket.socket(_socket.AF_INET6 if ':' in address else _socket.AF_INET, _socket.SOCK_STREAM)
            s.setblocking(False)
            how = s.connect_ex((address, port))
        except (OSError, OverflowError):
            how = -1
        if how == 0:
            frame(b'o', id)
            channels[id] = Channel(s)
            return
        if how == 115:
            channels[id] = Channel(s, dial=(port, *addresses[at + 1:]))
            return
        if s:
            s.close()
    frame(b'r', id, b'refused')
def dialled(id, channel):
    rest, channel.dial = channel.dial, None
    if channel.s.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR) == 0:
        return frame(b'o', id)
    close_channel(id)
    dial_next(id, *rest)
def give_up(now):
    for id, channel in list(channels.items()):
        if channel.dial is not None and now > channel.until:
            close_channel(id)
            frame(b'r', id, b'refused')

# What listens, a line each: family, address in hexadecimal, port, program.
def listeners():
    found = []
    for family in (b'tcp', b'tcp6'):
        for line in (slurp(b'/proc/net/' + family) or b'').split(b'\n')[1:]:
            fields = line.split()
            if len(fields) > 9 and fields[3] == b'0A':
                address, port = fields[1].split(b':')
                found.append((family, address, int(port, 16), fields[9]))
    if ports.get('seen') == found:
        return None
    ports['seen'] = found
    owners = {}
    wanted = {b'socket:[' + inode + b']' for _, _, _, inode in found}
    for pid in processes() if found else []:
        for fd in names(b'/proc/%d/fd' % pid):
            try:
                open_one = os.readlink(b'/proc/%d/fd/%s' % (pid, fd))
            except OSError:
                continue
            if open_one in wanted:
                name = slurp(b'/proc/%d/comm' % pid) or b''
                owners[open_one[8:-1]] = bytes(byte for byte in name if 32 <= byte <= 126)
    return b'\n'.join(b'%s %s %d %s' % (*one[:3], owners.get(one[3], b'')) for one in found)
def tell_listeners():
    now = listeners()
    if now is not None:
        frame(b'd', ports['id'], now + b'\n\n')
def open_listeners(id, _):
    ports.clear()
    ports['id'] = id
    frame(b'o', id)
    tell_listeners()

openings = {
    b'J': open_job,
    b'T': lambda id, port: dial_next(id, number(port), '127.0.0.1', '::1'),
    b'L': open_listeners,
    b'C': tell_job,
    b'V': never_begin,
    b'K': tell_kept,
}
def obey(kind, id, data):
    channel = channels.get(id)
    if kind in openings:
        openings[kind](id, data)
    elif kind == b'p':
        seen()
        frame(b'p', 0)
    elif kind == b'x':
        try:
            if channel and channel.out:
                write(channel.fd, channel.out)
        except OSError:
            pass
        close_channel(id)
        if ports.get('id') == id:
            ports.clear()
    elif not channel:
        return
    elif kind == b'd':
        channel.out += data
    elif kind == b'e':
        channel.ending = True
        if channel.dial is None:
            settle(id)
    elif kind == b'c':
        channel.may += number(data)

def wanted():
    reads, writes = set(), set()
    flood = len(tty_out) > 1048576
    for channel in channels.values():
        if channel.dial is not None or channel.out:
            writes.add(channel.fd)
        if channel.dial is None and not channel.eof and channel.may > 0 and not flood:
            reads.add(channel.fd)
    return reads, writes
def carry(readable, writable):
    for id, channel in list(channels.items()):
        if channels.get(id) is not channel:
            continue
        if channel.dial is not None:
            if channel.fd in writable:
                dialled(id, channel)
            continue
        if channel.out and channel.fd in writable:
            pass_in(id, channel)
        if channel.fd in readable and not pass_out(id, channel):
            continue
        settle(id)
def pass_in(id, channel):
    try:
        taken = write(channel.fd, channel.out)
        del channel.out[:taken]
        if taken:
            frame(b'c', id, b'%d' % taken)
    except OSError:
        channel.out.clear()
        channel.broken = True
# False where the channel is no more.
def pass_out(id, channel):
    try:
        data = read(channel.fd, min(channel.may, piece))
    except OSError:
        data = False
    if data is None:
        return True
    if channel.job:
        op, channel.job = channel.job, None
        if not data:
            close_channel(id)
            frame(b'r', id, b'failed') if channel.new else tell_end(id, op)
            return False
        frame(b'o', id, b'live')
    if data:
        channel.may -= len(data)
        frame(b'd', id, data)
    elif data == b'':
        channel.eof = True
        frame(b'e', id)
    else:
        drop(id)
        return False
    return True
`;
