/** Python that ends a terminal's processes, and that shuts the computer down after a time without a sign of life. */
export const powerPart = String.raw`
def end_session(mark):
    say_line(b'.dead' if kill_members(-1, mark) else b'.alive')

def power_off():
    folders = os.environ['PATH'].split(':') + ['/sbin', '/usr/sbin']
    for who in ('', 'sudo -n '):
        for how in ('systemctl poweroff', 'poweroff', 'shutdown -h now', 'halt -p'):
            program = how.split()[0]
            if not any(os.access(folder + '/' + program, os.X_OK) for folder in folders):
                continue
            if os.system(who + how + ' >/dev/null 2>&1') == 0:
                return

def watch(seconds):
    seconds = int(seconds)
    old = number(slurp(root + b'/watch') or b'')
    if old > 0 and b'\0watch\0' in (slurp(b'/proc/%d/cmdline' % old) or b''):
        send(SIGKILL, old)
    if seconds <= 0:
        forget_files(root + b'/watch')
        return say_line(b'.ok')
    def keep_watch():
        nowhere(0, 1, 2)
        signal(SIGHUP, SIG_IGN)
        watch_on(seconds)
    try:
        apart(keep_watch, lambda pid: spill(root + b'/watch', b'%d' % pid))
    except OSError:
        return say_line(b'.failed')
    say_line(b'.ok')
# Slept seconds are counted, not read from the clock: a computer that was restored elsewhere gets its full time.
def watch_on(seconds):
    os.environ['PATH'] = os.environ.get('PATH') or '/usr/sbin:/usr/bin:/sbin:/bin'
    slept, last = 0, slurp(root + b'/seen')
    while True:
        step = 1 if seconds < 40 else 20
        time.sleep(step)
        slept += step
        now = slurp(root + b'/seen')
        if now != last:
            slept, last = 0, now
        spill(root + b'/idle', b'%d' % slept)
        if slept >= seconds:
            power_off()
            slept = 0
`;
