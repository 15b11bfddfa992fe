/** Python for single requests that are about a job, or before it: each answers with one word; see `follow.ts`. */
export const tellPart = String.raw`
# Sends records to a job, in order of their arrival here.
def ctl(op):
    # A job that is just being begun has its folder, and cannot be told anything yet.
    s = job_socket(op)
    if not s:
        return say_line(b'.over' if slurp(jobs + b'/' + op + b'/end') is not None else b'.none')
    told = standard_input()
    try:
        put(s.fileno(), told)
    except OSError:
        return say_line(b'.lost')
    if told[:1] == b'Q':
        make_sure(op)
    # The job closes the connection once it has read all of it: what is sent after this answer comes after it.
    said_all(s)
    try:
        read_all(s.fileno())
    except OSError:
        pass
    say_line(b'.ok')

# A job that was told to end may not hear it, or not for long: its command may stop it again and again. A program that
# the command does not know of sees to it then.
def make_sure(op):
    def watch_over():
        nowhere(0, 1, 2)
        os.execv(sys.executable, [sys.executable, '-I', '-S', sys.argv[0], 'sure', op])
    try:
        apart(watch_over)
    except OSError:
        pass
def sure(op):
    end = jobs + b'/' + op + b'/end'
    def is_over(times, each=lambda: None):
        for _ in range(times):
            if os.path.exists(end):
                return True
            each()
            time.sleep(0.05)
        return False
    s = job_socket(op)
    if not s:
        return
    holding = holder(s)
    s.close()
    if not holding or is_over(40):
        return
    sessions = [session for _, parent, _, session in map(standing, processes()) if [parent] == holding]
    spill(jobs + b'/' + op + b'/quit', b'')
    kill_members(sessions[0] if sessions else -1, b'AIRLOCK_JOB=' + op)
    is_over(120, lambda: send(SIGCONT, *holding))

# One piece of what is too long for a command line. N is how long the whole was before.
def part(op, before):
    data = standard_input()
    try:
        with open(root + b'/p-' + op, 'ab', 0) as file:
            length = file.tell()
            if length == int(before):
                put(file.fileno(), data)
            elif length != int(before) + len(data):
                return say_line(b'.failed')
        say_line(b'.ok')
    except OSError:
        say_line(b'.failed')

# Makes sure that an operation that has not begun never will.
def void(op):
    try:
        os.mkdir(jobs + b'/' + op, 0o700)
    except OSError:
        return say_line(b'.dup')
    spill(jobs + b'/' + op + b'/end', b'void')
    say_line(b'.void')
`;
