/**
 * Python that takes over a terminal's shell: it reads what to run, a line of base64 (size, folder, count, variables,
 * arguments), puts the terminal back to its usual ways, and tells by invisible marks that the program runs and how it ended.
 */
export const terminalPart = String.raw`
from _signal import SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU

def term(name):
    def mark(text):
        put(1, b'\x1b]8737;' + name + b';' + text + b'\a')
    mark(b'ask')
    line = b''
    while b'\n' not in line:
        line += os.read(0, 65536) or os._exit(1)
    rows, columns, cwd, count, *rest = dec(line).split(b'\0')
    more, argv = rest[:int(count)], rest[int(count):]
    try:
        os.spawnvp(os.P_WAIT, b'stty', [b'stty', b'sane', b'rows', rows, b'cols', columns])
    except OSError:
        pass
    try:
        os.chdir(cwd)
    except OSError:
        return mark(b'refused There is no folder ' + cwd)
    variables = environment(b'PWD=' + cwd, *more, b'AIRLOCK_TERMINAL=' + name)
    variables.setdefault(b'TERM', os.environb.get(b'TERM', b''))
    usual_terminal(variables)
    program = argv[0]
    folders = variables.get(b'PATH', b'').split(b':')
    at = [program] if b'/' in program else [folder + b'/' + program for folder in folders]
    if not any(os.access(path, os.X_OK) and not os.path.isdir(path) for path in at):
        return mark(b'refused There is no program ' + program)
    for one in (SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN, SIGHUP):
        signal(one, SIG_IGN)
    mark(b'up')
    pid = os.fork()
    if not pid:
        try:
            usual_signals(SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN)
            os.umask(0o22)
            become(argv, variables)
        finally:
            os._exit(127)
    mark(how_ended(os.waitpid(pid, 0)[1]))
`;
