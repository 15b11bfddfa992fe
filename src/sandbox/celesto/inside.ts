import { fail } from '../../core/problem.ts';
import type { Api } from './api/client.ts';
import { packedRelay, relayName } from './relay/program.ts';

/** What is known of a computer from inside, and where our program lies there. */
export interface Inside {
  /** Changes at each boot. */
  readonly incarnation: string;
  /** Absolute path of the program. */
  readonly relay: string;
  /** The shell for commands and terminals. */
  readonly shell: string;
}

const seconds = 60;
const pieceLength = 9000;

/** Makes the folders, notes the environment that commands start with, and tells what is there. */
const look = (watch: string) => `umask 077
R=/tmp/.airlock-$(id -u)
mkdir -p "$R" 2>/dev/null
{ [ -d "$R" ] && [ ! -L "$R" ] && [ -O "$R" ] && [ -w "$R" ]; } || { echo airlock no-room; exit 0; }
b=$(cat /proc/sys/kernel/random/boot_id)-$(sed 's/.*) //' /proc/1/stat | cut -d' ' -f20)
[ "$(cat "$R/boot" 2>/dev/null)" = "$b" ] || { rm -rf "$R/j" "$R"/p-*; printf %s "$b" >"$R/boot"; }
mkdir -p "$R/j"
[ -w /workspace ] || mkdir -p /workspace 2>/dev/null || sudo -n sh -c "mkdir -p /workspace && chown $(id -u):$(id -g) /workspace" 2>/dev/null
[ -w /workspace ] || echo airlock no-workspace
env -u PWD -u OLDPWD -u SHLVL -u _ -u AIRLOCK_OP -0 >"$R/env.new" && mv "$R/env.new" "$R/env"
for s in /bin/bash /usr/bin/bash /bin/sh; do [ -x $s ] && break; done
echo "airlock shell $s"
echo "airlock boot $b"
echo "airlock root $R"
command -v perl >/dev/null || echo airlock no-perl
[ -f "$R/${relayName}.pl" ] && echo airlock installed
true${watch}`;

/**
 * Prepares a running computer for work: our program, `/workspace`, and the watchdog that shuts it down after
 * `idleMinutes` without a sign of life (0: never; undefined: it is left as it is). May be done again at any time. Throws `unsupported` where something
 * that is needed is not there.
 */
export async function prepareInside(
  api: Api,
  computer: string,
  idleMinutes: number | undefined,
  signal?: AbortSignal,
): Promise<Inside> {
  const run = async (command: string) => (await api.exec(computer, command, seconds, true, signal)).stdout;
  const said = await run(look(watch('"$R/"', idleMinutes)));
  const fact = (name: string) => new RegExp(`^airlock ${name} (\\S{1,200})$`, 'm').exec(said)?.[1];
  const tells = (word: string) => said.includes(`airlock ${word}\n`);
  if (tells('no-perl')) return lacks('has no Perl, which every Debian and Ubuntu has: use another template');
  if (tells('no-room')) return lacks('has no folder for temporary files that only we can use');
  if (tells('no-workspace')) return lacks('does not let us make the folder /workspace');
  const root = fact('root');
  const incarnation = fact('boot');
  const shell = fact('shell');
  if (root === undefined || incarnation === undefined || shell === undefined || !/^\/[\w./-]+$/.test(root)) {
    return fail('protocol', 'The computer does not tell what it is.', { delivery: 'maybe-sent', fix: 'retry' });
  }
  const relay = `${root}/${relayName}.pl`;
  if (!tells('installed')) await install(run, relay, idleMinutes);
  return { incarnation, relay, shell };
}

/** Starts the watchdog where our program is there. */
function watch(folder: string, idleMinutes: number | undefined): string {
  const path = `${folder}${relayName}.pl`;
  return idleMinutes === undefined ? '' : `; [ -f ${path} ] && perl ${path} watch ${idleMinutes * 60} >/dev/null; true`;
}

/** Each piece is written under a name of its own, so that doing it twice changes nothing. */
async function install(
  run: (command: string) => Promise<string>,
  relay: string,
  idleMinutes: number | undefined,
): Promise<void> {
  const nonce = crypto.randomUUID();
  const packed = packedRelay();
  const parts: string[] = [];
  for (let at = 0; at < packed.length; at += pieceLength) {
    const part = `${relay}.${nonce}.${parts.length}`;
    parts.push(part);
    const write = `umask 077; printf %s '${packed.slice(at, at + pieceLength)}' >${part}`;
    const last = at + pieceLength >= packed.length;
    const all = parts.join(' ');
    const finish = `cat ${all} | base64 -d | gzip -d >${part}.all && mv ${part}.all ${relay} && echo airlock installed; rm -f ${all}${watch(relay.slice(0, relay.lastIndexOf('/') + 1), idleMinutes)}`;
    const said = await run(last ? `${write}\n${finish}` : write);
    if (last && !said.includes('airlock installed')) return lacks('did not take in the program that works for us');
  }
}

function lacks(what: string): never {
  return fail('unsupported', `The computer ${what}.`, { delivery: 'maybe-sent', fix: 'open-settings' });
}
