/**
 * Python that carries many connections over one terminal in raw mode. It prints a marker and a probe of every byte; the
 * answer tells how to write (`raw` bytes, or `b64` lines where the way is not byte-exact) and brings a probe of the
 * other direction. Then frames go both ways: length, type, channel, sum of the bytes, bytes. What each type of frame asks
 * for is told in `channels.ts`.
 */
export const muxPart = String.raw`
outmode = inmode = b'b64'
tty_out, tty_in = bytearray(), bytearray()

def damaged():
    os._exit(3)
def frame(kind, id, data=b''):
    body = struct.pack('>cII', kind, id, sum(data) & 0xffffffff) + data
    tty_out.extend(struct.pack('>I', len(body)) + body if outmode == b'raw' else enc(body) + b'\n')
def next_raw():
    if len(tty_in) < 4:
        return None
    length, = struct.unpack_from('>I', tty_in)
    if not 9 <= length <= 1048576:
        damaged()
    if len(tty_in) < 4 + length:
        return None
    body = bytes(tty_in[4:4 + length])
    del tty_in[:4 + length]
    return body
def next_line():
    end = tty_in.find(b'\n')
    if end < 0:
        return None
    try:
        body = dec(tty_in[:end])
    except binascii.Error:
        damaged()
    del tty_in[:end + 1]
    return body
def frames():
    while True:
        body = next_raw() if inmode == b'raw' else next_line()
        if body is None:
            return
        if not body:
            continue
        kind, id, total = struct.unpack_from('>cII', body) if len(body) >= 9 else damaged()
        data = body[9:]
        if sum(data) & 0xffffffff != total:
            damaged()
        yield kind, id, data

def handshake(name):
    global inmode, outmode
    probe = bytes(at * 37 & 255 for at in range(256)) + bytes(range(256))
    end = b'\nAIRLOCK-PROBED\n'
    put(1, b'\nAIRLOCK-MUX ' + name + b'\n' + probe + end)
    until = clock() + 20
    while end not in tty_in:
        if clock() > until or len(tty_in) > 65536:
            damaged()
        if ready({0}, set(), 1)[0]:
            tty_in.extend(os.read(0, 65536) or damaged())
    said, _, rest = bytes(tty_in).partition(end)
    tty_in[:] = rest
    told = [at for at in (said.find(b'raw\n'), said.find(b'b64\n')) if at >= 0]
    if not told:
        damaged()
    outmode = said[min(told):][:3]
    inmode = b'raw' if said[min(told) + 4:] == probe else b'b64'
    frame(b'h', 0, inmode)

def mux(name):
    for one in (SIGHUP, SIGINT, SIGTERM):
        signal(one, SIG_DFL)
    nowhere(2)
    handshake(name)
    seen()
    os.set_blocking(0, False)
    os.set_blocking(1, False)
    heard = looked = clock()
    while True:
        for told in frames():
            heard = clock()
            obey(*told)
        reads, writes = wanted()
        reads.add(0)
        if tty_out:
            writes.add(1)
        readable, writable = ready(reads, writes, 0.5 if ports else 5)
        now = clock()
        if now - heard > 120:
            return
        give_up(now)
        if ports and now - looked >= 1:
            looked = now
            tell_listeners()
        try:
            if 1 in writable:
                del tty_out[:write(1, memoryview(tty_out)[:65536])]
            carry(readable, writable)
            if 0 in readable:
                data = read(0, 65536)
                if data == b'':
                    return
                tty_in.extend(data or b'')
        except OSError:
            return
`;
