import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What of the machine is another one, for a program that runs on a stage. */
export interface Scenery {
  /** Files by absolute path, with their content; over those that are there, or beside them. */
  readonly files?: Readonly<Record<string, string>>;
  /** Modes of those files; 0644 otherwise. */
  readonly modes?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Folders to which files can be added: they are empty on the stage. The last two only where the scenery is in them. */
const madeAnew = ['/run', '/var/lib', '/proc/sys/kernel', '/proc/sys/user'];

/**
 * Makes a root of its own in a new mount namespace: everything of this machine, but for a few folders and what the
 * scenery says. All of it goes away with the program, and nothing of the machine itself is written to.
 */
const build = `
set -e
stage=$1 scenery=$2 anew=$3; shift 3
mount --make-rprivate /
mount -t tmpfs stage "$stage"
for path in /*; do
  if [ -L "$path" ]; then cp -P "$path" "$stage$path"
  elif [ -d "$path" ]; then mkdir "$stage$path" && mount --rbind "$path" "$stage$path"
  fi
done
for path in $anew; do mount -t tmpfs stage "$stage$path"; done
cd "$scenery"
find . -type f | sed 's/^.//' >../files
while read -r file; do
  if [ -e "$stage$file" ]; then mount --bind "$scenery$file" "$stage$file"
  else case " / $anew " in
    *" $(dirname "$file") "*) cp -p "$scenery$file" "$stage$file" ;;
    *) echo "Nothing can be added to $(dirname "$file")." >&2; exit 1 ;;
  esac fi
done <../files
mkdir "$stage/.old"
cd "$stage"
pivot_root . .old
umount -l /.old
cd /
exec "$@"
`;

/** Why there can be no stage here, or undefined where there can. */
export async function stageUnavailable(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'mount namespaces are for Linux';
  if (process.getuid?.() !== 0) return 'only the superuser makes mount namespaces';
  const { code } = await ran('unshare', ['-m', 'sh', '-c', 'mount --make-rprivate / && command -v pivot_root']);
  return code === 0 ? undefined : 'this container forbids mount namespaces';
}

/** Runs a program on a stage; answers with what it printed. Throws what it said where it failed. */
export async function onStage(scenery: Scenery, program: string, ...args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-stage-'));
  try {
    const [stage, files] = [join(folder, 'root'), join(folder, 'scenery')];
    mkdirSync(stage);
    mkdirSync(files);
    for (const [path, content] of Object.entries(scenery.files ?? {})) {
      mkdirSync(dirname(join(files, path)), { recursive: true });
      writeFileSync(join(files, path), content);
      chmodSync(join(files, path), scenery.modes?.[path] ?? 0o644);
    }
    const [run = '', lib = '', ...others] = madeAnew;
    const anew = [run, lib, ...others.filter((path) => Object.keys(scenery.files ?? {}).some(isIn(path)))].join(' ');
    const command = ['-m', 'sh', '-c', build, 'sh', stage, files, anew, program, ...args];
    const { code, out, said } = await ran('unshare', command, scenery.env);
    if (code !== 0) throw new Error(`The stage failed: ${said}`);
    return out;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isIn(folder: string): (path: string) => boolean {
  return (path) => dirname(path) === folder;
}

function ran(program: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number | null; out: string; said: string }>((resolve, reject) => {
    const env = { PATH: process.env['PATH'], HOME: '/root', ...more };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, said] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, said }));
  });
}
