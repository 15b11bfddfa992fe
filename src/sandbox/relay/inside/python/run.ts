/** Python that becomes one command, in a session of its own and with the environment that was noted when we came in. */
export const runPart = String.raw`
def environment(*more):
    pairs = [pair.partition(b'=') for pair in [*(slurp(root + b'/env') or b'').split(b'\0'), *more]]
    return {name: value for name, sign, value in pairs if name and sign}
def usual_terminal(variables):
    if variables.get(b'TERM', b'') in (b'', b'dumb'):
        variables[b'TERM'] = b'xterm-256color'
# What Python ignores of its own accord is no business of a command.
def usual_signals(*more):
    for one in (SIGPIPE, SIGXFSZ, SIGHUP, SIGINT, *more):
        signal(one, SIG_DFL)
# As execvp(3) does it: looked for in the PATH of the command, and a text without its first line is one for the shell.
def become(argv, variables):
    program = argv[0]
    folders = [b''] if b'/' in program else variables.get(b'PATH', b'/bin:/usr/bin').split(b':')
    why = FileNotFoundError(2, os.strerror(2))
    for folder in folders if program else []:
        path = folder + b'/' + program if folder else program
        try:
            os.execve(path, argv, variables)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            why = error
        except OSError as error:
            if error.errno != 8:
                raise
            os.execve(b'/bin/sh', [b'/bin/sh', path, *argv[1:]], variables)
    raise why

# On three descriptors, or on the terminal at a path.
def run_command(op, cwd, more, argv, streams, why):
    try:
        os.setsid()
        os.umask(0o22)
        usual_signals(SIGCHLD, SIGTERM)
        variables = environment(b'PWD=' + cwd, *more, b'AIRLOCK_JOB=' + op)
        if isinstance(streams, bytes):
            usual_terminal(variables)
            streams = [os.open(streams, os.O_RDWR)] * 3
            try:
                fcntl.ioctl(streams[0], 0x540E, 0)
            except OSError:
                pass
        for fd, stream in enumerate(streams):
            os.dup2(stream, fd)
        try:
            os.chdir(cwd)
        except OSError:
            os.write(why, b'There is no folder ' + cwd)
            return
        become(argv, variables)
    except OSError as error:
        os.write(why, os.strerror(error.errno).encode())
    except BaseException as error:
        os.write(why, repr(error).encode())
    finally:
        os._exit(127)
def how_ended(status):
    return b'signaled %d' % (status & 127) if status & 127 else b'exited %d' % (status >> 8)
`;
