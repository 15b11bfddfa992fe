/** What a test knows of the machine around the sandbox, for attacks to aim at. */
export interface Target {
  readonly arch: 'x64' | 'arm64';
  /** A process outside. */
  readonly pid: number;
  /** A file outside that any user of the machine may read. */
  readonly file: string;
  /** The session's folder outside. */
  readonly folder: string;
  /** A server on the machine's loopback, and one on an abstract socket. */
  readonly port: number;
  readonly abstractSocket: string;
  /** Key of a memory segment and of a message queue (System V) that any user of the machine may open. */
  readonly sharedKey: number;
}

/** One attempt from inside. It failed, as it should, when what it prints matches `wall` and not `leak`. */
export interface Attack {
  readonly name: string;
  readonly shell: (target: Target) => string;
  readonly wall: RegExp;
  readonly leak?: RegExp;
}

/** Prints `name=errno` of a raw system call. */
function call(name: string, numbers: readonly [number, number], args: string): (target: Target) => string {
  return ({ arch }) => perlCall(name, numbers[arch === 'x64' ? 0 : 1], args);
}

function perlCall(name: string, number: number, args: string): string {
  return `perl -e '$r = syscall(${number}, ${args}); print "${name}=", $r == -1 ? $!+0 : "done", "\\n"'`;
}

const socketOf = (family: number, type: number) =>
  `perl -e 'socket(my $s, ${family}, ${type}, 0) ? print "done\\n" : print "errno=", $!+0, "\\n"'`;
const nodeSays = (code: string) => `node -e '${code}'`;
const connectTo = (where: string) =>
  nodeSays(
    `const s = require("net").connect(${where}); s.on("connect", () => { console.log("done"); s.destroy() }); s.on("error", (e) => console.log(e.code)); setTimeout(() => { console.log("timeout"); process.exit() }, 30_000).unref()`,
  );

/** Opens what others made under that key: prints `memory=errno messages=errno`, or `done`. */
export function openShared(key: number): string {
  const tried = (call: string) => `(defined(${call}) ? "done" : $!+0)`;
  return `print "memory=", ${tried(`shmget(${key}, 0, 0)`)}, " messages=", ${tried(`msgget(${key}, 0)`)}, "\\n"`;
}

const refused = /=1$/m;

/** Attempts to see, reach or change what lies outside: each was seen to fail on the systems that were measured. */
export const attacks: readonly Attack[] = [
  {
    name: 'private folders and other sessions are absent',
    shell: ({ folder }) =>
      `for p in /root /var /opt /sys /boot /srv /mnt /media /home/agent/.ssh '${folder}'; do [ -e "$p" ] && echo "LEAK $p"; done; ls -A /home; ls -A /run/ctl; echo end`,
    wall: /^agent\nend$/m,
    leak: /LEAK/,
  },
  {
    name: 'links and dots lead nowhere outside',
    shell: ({ file }) =>
      `ln -sfn '${file}' out; cat out; cat /workspace/../../../../../../..'${file}'; cd /; cat ..'${file}'; echo end`,
    wall: /end$/m,
    leak: /must-not-be-read/,
  },
  {
    name: 'only its own processes are seen',
    shell: ({ pid }) =>
      `ls -d /proc/[0-9]* | wc -l; cat /proc/[0-9]*/comm; kill -9 ${pid} || echo not-killed; echo end`,
    // bubblewrap, the supervisor, and what counts.
    wall: /^[3-9]\n[^]*not-killed/,
    leak: /mocha|jailer|systemd/,
  },
  {
    name: 'a process of the machine cannot be traced',
    shell: ({ arch, pid }) => perlCall('attach', arch === 'x64' ? 101 : 117, `16, ${pid}, 0, 0`),
    wall: /=3$/m,
  },
  {
    name: 'memory and messages of the machine are not shared',
    shell: ({ sharedKey }) => `perl -e '${openShared(sharedKey)}'; cat /proc/sysvipc/* | wc -l`,
    wall: /^memory=2 messages=2\n3$/m,
  },
  {
    name: 'the name of the machine is neither seen nor changed',
    shell: ({ arch }) =>
      `uname -n; ${perlCall('name', arch === 'x64' ? 170 : 161, '$n = "other", 5')}; ${perlCall('domain', arch === 'x64' ? 171 : 162, '$n = "other", 5')}; uname -n`,
    wall: /^airlock\nname=1\ndomain=1\nairlock$/m,
  },
  {
    name: 'mounts name nothing of the machine but where the session lies',
    shell: ({ folder }) =>
      `cut -d ' ' -f 4,5 /proc/self/mountinfo | grep -v -E -e '^(/usr|/etc|/sys|/null|/zero|/full|/u?random|/tty|/newroot|/) ?' | grep -v -F '${folder}/' | grep -v -E '/programs/[0-9a-f]{20}/|/ctl /run/ctl$| /run/airlock/bin/node$'; echo end`,
    wall: /^end$/m,
    leak: /\/\w/,
  },
  {
    name: 'nothing can be written outside its own folders',
    shell: () =>
      `for f in /usr/x /etc/x /x /home/x /bin/x /etc/passwd /dev/x /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname; do (echo x > $f) 2>&1 && echo "LEAK $f"; done; echo end`,
    wall: /end$/m,
    leak: /LEAK/,
  },
  {
    name: 'mounts and other namespaces are refused',
    shell: () =>
      `mount -t tmpfs x /tmp && echo LEAK; mount -o remount,rw / && echo LEAK; umount /proc && echo LEAK; nsenter -t 1 -m true && echo LEAK; unshare -U true && echo LEAK; unshare -m true && echo LEAK; unshare -n true && echo LEAK; chroot / true && echo LEAK; echo end`,
    wall: /end$/m,
    leak: /LEAK/,
  },
  { name: 'unshare is refused', shell: call('unshare', [272, 97], '0x10000000'), wall: refused },
  { name: 'clone of a namespace is refused', shell: call('clone', [56, 220], '0x10000000, 0, 0, 0, 0'), wall: refused },
  { name: 'clone3 is not there', shell: call('clone3', [435, 435], '0, 0'), wall: /=38$/m },
  { name: 'keyctl is refused', shell: call('keyctl', [250, 219], '0, -3, 1'), wall: refused },
  { name: 'bpf is refused', shell: call('bpf', [321, 280], '0, 0, 0'), wall: refused },
  { name: 'perf_event_open is refused', shell: call('perf', [298, 241], '0, 0, 0, 0, 0'), wall: refused },
  { name: 'userfaultfd is refused', shell: call('userfaultfd', [323, 282], '0'), wall: refused },
  { name: 'io_uring is refused', shell: call('io_uring', [425, 425], '1, 0'), wall: refused },
  { name: 'open_tree is refused', shell: call('open_tree', [428, 428], '-100, 0, 0'), wall: refused },
  { name: 'open_by_handle_at is refused', shell: call('handle', [304, 265], '-100, 0, 0'), wall: refused },
  {
    name: 'the second system call door is shut',
    shell: ({ arch }) => (arch === 'x64' ? perlCall('x32', 0x40000000 + 39, '0') : 'echo x32=38'),
    wall: /=38$/m,
  },
  {
    name: 'terminal injection is refused',
    shell: () =>
      `perl -e 'my $c = "x"; for (0x5412, 0x541c) { print ioctl(STDIN, $_, $c) ? "done\\n" : "tty=" . ($!+0) . "\\n" }'`,
    wall: /^tty=1\ntty=1$/m,
    leak: /done/,
  },
  { name: 'raw sockets are refused', shell: () => socketOf(2, 3), wall: /errno=(1|93)$/m },
  { name: 'packet sockets are refused', shell: () => socketOf(17, 3), wall: /errno=97$/m },
  { name: 'vsock is refused', shell: () => socketOf(40, 1), wall: /errno=97$/m },
  { name: 'the kernel crypto socket is refused', shell: () => socketOf(38, 5), wall: /errno=97$/m },
  {
    name: 'the machine’s loopback is not its own',
    shell: ({ port }) => connectTo(`{ host: "127.0.0.1", port: ${port} }`),
    wall: /ECONNREFUSED/,
    leak: /done/,
  },
  {
    name: 'abstract sockets of the machine are out of reach',
    shell: ({ abstractSocket }) => connectTo(`"\\0${abstractSocket}"`),
    wall: /ECONNREFUSED/,
    leak: /done/,
  },
  {
    name: 'cloud metadata is out of reach',
    shell: () => connectTo(`{ host: "169.254.169.254", port: 80 }`),
    wall: /ENETUNREACH/,
    leak: /done/,
  },
  {
    name: 'datagrams and names go nowhere',
    shell: () =>
      `${nodeSays(`const s = require("dgram").createSocket("udp4"); s.send("x", 53, "9.9.9.9", (e) => { console.log(e ? e.code : "done"); s.close() })`)}; getent hosts example.com; echo rc=$?`,
    wall: /ENETUNREACH[^]*rc=2/,
    leak: /done/,
  },
  {
    name: 'sockets and sessions of the machine are absent',
    shell: () =>
      `ls -d /var/run/docker.sock /run/docker.sock /run/dbus /run/user/*/bus /tmp/.X11-unix /run/systemd /run/agent 2>/dev/null; env; echo end`,
    wall: /end$/m,
    leak: /docker|dbus|X11|systemd|SSH_AUTH_SOCK|DISPLAY|must-not-be-seen/,
  },
  {
    name: 'the environment of who started it is not in any process',
    shell: () =>
      `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c -e must-not-be-seen -e JAILER; wc -c < /proc/1/environ`,
    wall: /^0\n0$/m,
  },
  {
    name: 'no process shows a path of the machine',
    shell: ({ folder }) =>
      `cat /proc/1/cmdline /proc/2/cmdline | tr '\\0' '\\n' | grep -c -F -e '${folder}' -e '/clone/'; echo end`,
    wall: /^0\nend$/m,
  },
  {
    name: 'no descriptor of who started it came in',
    shell: () =>
      `ls -l /proc/self/fd /proc/1/fd | grep -e open-descriptor -e ' 251 '; ls /proc/self/fd | wc -l; echo end`,
    wall: /^[45]\nend$/m,
    leak: /open-descriptor|251/,
  },
  {
    name: 'it has no rights and gets none',
    shell: () =>
      `grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status; su -c id < /dev/null; sudo -n id; echo end`,
    wall: /NoNewPrivs:\t1\nSeccomp:\t2/,
    leak: /Cap\w+:\t0*[1-9a-f]|uid=0/,
  },
  {
    name: 'devices cannot be made and disks are absent',
    shell: () => `mknod /tmp/d b 8 0 && echo LEAK; find /dev -type b; echo end`,
    wall: /end$/m,
    leak: /LEAK|\/dev\/\w/,
  },
  {
    name: 'limits cannot be raised',
    shell: () =>
      `ulimit -c; ulimit -c 1 && echo LEAK; ulimit -n 1000000 && echo LEAK; ulimit -d unlimited && echo LEAK; ulimit -f unlimited && echo LEAK; ulimit -u 1000000 && echo LEAK; renice -n -5 $$ && echo LEAK; (echo -900 > /proc/self/oom_score_adj) && echo LEAK; echo end`,
    wall: /^0\n[^]*end$/m,
    leak: /LEAK/,
  },
  {
    name: 'no more files can be opened than the limit says',
    shell: () =>
      `perl -e 'while (open(my $h, "<", "/dev/null")) { push @h, $h } print "opened=", scalar(@h), " errno=", $!+0, "\\n"'`,
    wall: /^opened=29\d errno=24$/m,
  },
  {
    name: 'kernel messages and symbols are shut',
    shell: () =>
      `dmesg && echo LEAK; cat /proc/kallsyms /proc/kcore /proc/keys 2>/dev/null | wc -c; (echo b > /proc/sysrq-trigger) ; echo end`,
    wall: /^0\n[^]*end$/m,
    leak: /LEAK/,
  },
  {
    name: 'the supervisor cannot be replaced',
    shell: () =>
      `f=/run/airlock/supervisor.cjs; (echo x > $f) && echo LEAK; rm -f $f && echo LEAK; mv $f /tmp/ && echo LEAK; mv /run/airlock /run/other && echo LEAK; (echo x > /run/airlock/bin/node) && echo LEAK; echo end`,
    wall: /end$/m,
    leak: /LEAK/,
  },
  {
    name: 'memory that files take is bounded',
    shell: () =>
      `df -B1 --output=size /tmp /dev/shm | tail -2; for i in 1 2; do dd if=/dev/zero of=/dev/shm/f$i bs=1M count=40 2>&1; done; rm -f /dev/shm/f*`,
    wall: /^ *1073741824\n *67108864\n[^]*No space left/m,
  },
  {
    name: 'a file cannot grow past its limit',
    shell: () =>
      `perl -e 'open F, ">", "big"; $b = "x" x 1048576; print F $b for 1..80'; echo rc=$?; stat -c %s big; rm -f big`,
    wall: /^rc=153\n67108864$/m,
  },
  {
    name: 'one process cannot take all memory',
    shell: () => `perl -e '$x = "x" x 900_000_000; print "LEAK"'; echo rc=$?`,
    wall: /rc=[1-9]/,
    leak: /LEAK/,
  },
];
