/**
 * Python for single requests: each mode is one command line, its input on standard input in base64, and answers in lines.
 * `@N` names the log's offset of what follows (`@=` for an end alone), then base64 lines, an empty one now and then,
 * and last a word: `.end` all was sent, `.more` the window is full, `.idle` the time is over, `.dup`, `.none`, `.lost`.
 */
export const followPart = String.raw`
def summary(op):
    end = slurp(jobs + b'/' + op + b'/end')
    if end is None:
        return say_line(b'.lost' if is_known(op) else b'.none')
    say_line(b'@=')
    say_line(enc(record(b'x', end)))
    say_line(b'.end')

# WINDOW bytes at most; SECONDS in all; with QUIET (in hundredths) an answer ends once it was quiet for so long, or ten times
# as long after its first bytes.
def follow(op, name, at, *how):
    s = job_socket(op)
    if not s:
        return summary(op)
    put(s.fileno(), record(b'F', name + b' ' + at))
    if not follow_on(s, *how):
        summary(op)
# False where nothing came from there at all.
def follow_on(s, window, seconds, quiet):
    window, quiet = int(window), int(quiet) / 100
    head, sent = b'', 0
    now = begun = clock()
    until, beat = now + int(seconds), now + 15
    while True:
        if sent and (now >= until or quiet and now - begun >= quiet * 10):
            say_line(b'.idle')
            return True
        left = until - now
        seconds = quiet if quiet and sent else min(left, 5)
        readable, _ = ready({s.fileno()}, set(), max(seconds, 0))
        now = clock()
        if not readable:
            if now >= until or quiet and sent:
                say_line(b'.idle')
                return True
            if now >= beat:
                say_line(b'')
                beat = now + 15
            continue
        try:
            data = os.read(s.fileno(), 8 - len(head) if len(head) < 8 else min(window - sent, piece))
        except OSError:
            data = b''
        if not data:
            if len(head) == 8:
                say_line(b'.end')
            return len(head) == 8
        if len(head) < 8:
            head += data
            if len(head) == 8:
                say_line(b'@%d' % struct.unpack('>Q', head))
            continue
        begun = begun if sent else now
        sent += len(data)
        say_line(enc(data))
        beat = now + 15
        if sent >= window:
            say_line(b'.more')
            return True
`;
