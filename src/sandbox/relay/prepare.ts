import { fail } from '../../core/problem.ts';
import { type Language, languages, lookForTools, packed } from './inside/languages.ts';
import { shellTools } from './inside/shell/program.ts';

/** What is known of a sandbox from inside, and where our program lies there. */
export interface Inside {
  /** Changes at each boot. */
  readonly incarnation: string;
  /** The words that start our program; its mode comes next. None of them means anything to a shell. */
  readonly relay: readonly string[];
  /** Our program can carry many connections over one terminal. */
  readonly carries: boolean;
  /** The shell for commands and terminals. */
  readonly shell: string;
}

/** Runs a command line in a login shell inside and gives what it printed. */
type Run = (command: string) => Promise<string>;

/** What a place for our program is chosen by. */
export interface Needs {
  /** Folders below which our program may lie, the best first. */
  readonly rooms?: readonly string[];
  /** The longest command line, in characters. */
  readonly mostCommand: number;
  /** Our program has to carry many connections over one terminal. */
  readonly carries?: boolean;
  /**
   * Minutes without a sign of life after which the watchdog shuts the sandbox down; 0: never; absent: it is left as it is.
   */
  readonly idleMinutes?: number | undefined;
}

/** Room for the words around a piece of the program. */
const aroundPiece = 1000;

/** Sets `L` to the words that start our program in the best language there is, and `P` to its path. */
const choose = (carries: boolean) =>
  languages
    .filter((language) => language.carries || !carries)
    .map(({ name, isThere, start, file }, at) => {
      const found = `L='${start.join(' ')}' P=$R/${file}; echo airlock language ${name}`;
      return `${at === 0 ? 'if' : 'elif'} ${isThere}; then ${found}`;
    })
    .join('\n')
    .concat(`\nelse echo airlock no-language; ${lookForTools}; echo "airlock lacks $l"; fi`);

/** Makes the folders, notes the environment that commands start with, and tells what is there. */
const look = ({ rooms = ['/tmp'], idleMinutes, carries = false }: Needs) => `umask 077
for room in ${rooms.join(' ')}; do
  R=$room/.airlock-$(id -u)
  mkdir -p "$R" 2>/dev/null
  if [ -d "$R" ] && [ ! -L "$R" ] && [ -O "$R" ] && [ -w "$R" ]; then break; fi
  R=
done
[ -n "$R" ] || { echo airlock no-room; exit 0; }
b=$(cat /proc/sys/kernel/random/boot_id)-$(sed 's/.*) //' /proc/1/stat | cut -d' ' -f20)
[ "$(cat "$R/boot" 2>/dev/null)" = "$b" ] || { rm -rf "$R/j" "$R"/p-*; printf %s "$b" >"$R/boot"; }
mkdir -p "$R/j"
[ -w /workspace ] || mkdir -p /workspace 2>/dev/null || sudo -n sh -c "mkdir -p /workspace && chown $(id -u):$(id -g) /workspace" 2>/dev/null
[ -w /workspace ] || echo airlock no-workspace
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd 2>/dev/null
for n in 0:stdin 1:stdout 2:stderr; do [ -e "/dev/\${n#*:}" ] || ln -s "fd/\${n%:*}" "/dev/\${n#*:}" 2>/dev/null; done
env -u PWD -u OLDPWD -u SHLVL -u _ -u AIRLOCK_OP -u SSH_CLIENT -u SSH_CONNECTION -0 >"$R/env.new" && mv "$R/env.new" "$R/env"
for s in /bin/bash /usr/bin/bash /bin/sh; do [ -x $s ] && break; done
echo "airlock shell $s"
echo "airlock boot $b"
echo "airlock root $R"
${choose(carries)}
[ -f "$P" ] && echo airlock installed
true${watch('$L', '"$P"', idleMinutes)}`;

/**
 * Prepares a running sandbox for work: our program, `/workspace`, and its watchdog. May be done again at any time. Throws
 * `unsupported` where something that is needed is not there.
 */
export async function prepareInside(run: Run, needs: Needs): Promise<Inside> {
  const said = await run(look(needs));
  const fact = (name: string) => new RegExp(`^airlock ${name} (\\S{1,200})$`, 'm').exec(said)?.[1];
  const tells = (word: string) => said.includes(`airlock ${word}\n`);
  if (tells('no-language')) return lacksLanguage(needs, fact('lacks'));
  if (tells('no-room')) return lacks('has no folder for temporary files that only we can use');
  if (tells('no-workspace')) return lacks('does not let us make the folder /workspace');
  const root = fact('root');
  const incarnation = fact('boot');
  const shell = fact('shell');
  const language = languages.find(({ name }) => name === fact('language'));
  if (
    language === undefined ||
    root === undefined ||
    incarnation === undefined ||
    shell === undefined ||
    !/^\/[\w./-]+$/.test(root)
  ) {
    return fail('protocol', 'The sandbox does not tell what it is.', { delivery: 'maybe-sent', fix: 'retry' });
  }
  const path = `${root}/${language.file}`;
  if (!tells('installed')) await install(run, language, path, needs);
  return { incarnation, relay: [...language.start, path], carries: language.carries, shell };
}

/** Starts the watchdog where our program is there. */
function watch(start: string, path: string, idleMinutes: number | undefined): string {
  if (idleMinutes === undefined) return '';
  return `; [ -f ${path} ] && ${start} ${path} watch ${idleMinutes * 60} >/dev/null; true`;
}

/**
 * Each piece is written under a name of its own, and what is in place already is left there: a command whose answer was
 * lost is sent again.
 */
async function install(run: Run, language: Language, path: string, { idleMinutes, mostCommand }: Needs): Promise<void> {
  const pieceLength = mostCommand - aroundPiece;
  const nonce = crypto.randomUUID();
  const bytes = packed(language);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) {
    const part = `${path}.${nonce}.${parts.length}`;
    parts.push(part);
    const write = `umask 077; printf %s '${bytes.slice(at, at + pieceLength)}' >${part}`;
    const last = at + pieceLength >= bytes.length;
    const all = parts.join(' ');
    const put = `{ cat ${all} | base64 -d | gzip -d >${part}.all && mv ${part}.all ${path}; }`;
    const finish = `[ -f ${path} ] || ${put}; [ -f ${path} ] && echo airlock installed; rm -f ${all}`;
    const begin = watch(language.start.join(' '), path, idleMinutes);
    const said = await run(last ? `${write}\n${finish}${begin}` : write);
    if (last && !said.includes('airlock installed')) return lacks('did not take in the program that works for us');
  }
}

/** Debian and Ubuntu cannot be without Perl; SmolVM's Alpine has Python. */
function lacksLanguage({ carries = false }: Needs, lacking = ''): never {
  const tools = shellTools.filter((tool) => lacking.split(',').includes(tool));
  const detail = carries
    ? 'Airlock needs Perl or Python 3.8 in the sandbox, and it has neither: use an image or template with one, or install perl-base or python3 inside.'
    : `Airlock needs Perl, Python 3.8 or the usual tools of a shell in the sandbox, and it has none of them${tools.length === 0 ? '' : ` (of the tools it lacks ${tools.join(', ')})`}: use an image or template with one, or install perl-base or python3 inside.`;
  return fail('unsupported', detail, { delivery: 'maybe-sent', fix: 'open-settings' });
}

function lacks(what: string): never {
  return fail('unsupported', `The sandbox ${what}.`, { delivery: 'maybe-sent', fix: 'open-settings' });
}
