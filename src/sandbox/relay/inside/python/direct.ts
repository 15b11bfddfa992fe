/**
 * Python that runs one command on the very streams that it has itself, for much that comes and goes: the spec comes first
 * on standard input, behind its length. How the command ended lies in the job's folder, as for every other.
 */
export const directPart = String.raw`
def exactly(length):
    text = b''
    while len(text) < length:
        more = os.read(0, length - len(text))
        if not more:
            os._exit(1)
        text += more
    return text
def direct(op):
    _, _, input, cwd, count, *rest = exactly(struct.unpack('>I', exactly(4))[0]).split(b'\0')
    more, argv = rest[:int(count)], rest[int(count):]
    os.mkdir(jobs + b'/' + op, 0o700)
    streams = [os.dup(0) if input else os.open('/dev/null', os.O_RDONLY), os.dup(1), os.dup(2)]
    whyr, whyw = os.pipe()
    for one in (SIGHUP, SIGINT, SIGTERM):
        signal(one, SIG_IGN)
    try:
        pid = os.fork()
    except OSError:
        spill(jobs + b'/' + op + b'/end', b'refused There is no process left')
        return
    if not pid:
        run_command(op, cwd, more, argv, streams, whyw)
    for fd in (whyw, *streams):
        os.close(fd)
    why = read_all(whyr)
    nowhere(0, 1)
    status = os.waitpid(pid, 0)[1]
    spill(jobs + b'/' + op + b'/end', b'refused ' + why if why else how_ended(status))
`;
