import {
  isSandboxPathNotFoundError,
  probeSandboxDirectoryExists,
  probeSandboxPathExists,
} from '@openai/agents-core/sandbox/internal';
import {
  type SandboxDirectoryEntry,
  SandboxPathResolutionError,
  SandboxProviderError,
  SandboxWorkspaceArchiveReadError,
  SandboxWorkspaceReadNotFoundError,
} from '@openai/agents-core/sandbox';
import type { Sandbox } from '../core/sandbox.ts';
import { once } from './byteQueue.ts';
import { type InsideAnswer, type InsideRequest, runInside } from './inside.ts';

/** Exit codes by which our programs inside say what they met. */
const said = { missing: 20, directory: 21, outside: 22, exists: 23, incomplete: 24 } as const;

/** Most bytes that `readFile` takes in when its caller names no limit. */
const mostBytes = 256 * 1024 * 1024;
const smallAnswer = 64 * 1024;
const mostListing = 16 * 1024 * 1024;
/** No file takes longer, in milliseconds: past this, our program was stopped by another one inside. */
const withinMs = 120_000;

const readScript = `
if [ -d "$1" ]; then exit ${said.directory}; fi
if [ ! -e "$1" ]; then
  if [ -L "$1" ]; then exit ${said.missing}; fi
  p=$1
  while [ ! -e "$p" ] && [ "$p" != / ] && [ -n "$p" ]; do p=\${p%/*}; done
  if [ -x "\${p:-/}" ]; then exit ${said.missing}; fi
fi
exec cat -- "$1"`;

/** Enters the folder of \`$1\`, of which the real path must lie below the real path of the root \`$2\`. */
const enterScript = `
refuse() { exit ${said.outside}; }
root=$(cd -P -- "$2" && pwd -P) || exit 1
target=$1
if [ -L "$target" ]; then target=$(readlink -f -- "$target") || refuse; fi
folder=\${target%/*} name=\${target##*/}
above=\${folder:-/}
while [ ! -e "$above" ]; do above=\${above%/*}; above=\${above:-/}; done
real=$(cd -P -- "$above" && pwd -P) || exit 1
case "$real/" in "\${root%/}"/*) ;; *) refuse ;; esac`;

/**
 * The new bytes are put beside the file and take its place only when all of them have arrived. The file keeps its mode.
 */
const writeScript = `${enterScript}
if [ -d "$target" ]; then exit ${said.directory}; fi
if [ "$4" = create ] && [ -e "$target" ]; then exit ${said.exists}; fi
mkdir -p -- "$folder" || exit 1
fresh="$folder/.airlock-$$-$name"
trap 'rm -f -- "$fresh"' EXIT
if [ -e "$target" ]; then cp -p -- "$target" "$fresh" || exit 1; fi
cat > "$fresh" || exit 1
[ "$(wc -c < "$fresh")" -eq "$3" ] || exit ${said.incomplete}
mv -f -- "$fresh" "$target"`;

const removeScript = `
root=$(cd -P -- "$2" && pwd -P) || exit 1
if [ ! -e "$1" ] && [ ! -L "$1" ]; then exit ${said.missing}; fi
if [ -d "$1" ] && [ ! -L "$1" ]; then exit ${said.directory}; fi
real=$(cd -P -- "\${1%/*}" && pwd -P) || exit 1
case "$real/" in "\${root%/}"/*) ;; *) exit ${said.outside} ;; esac
rm -f -- "$1"`;

const listScript = `
if [ ! -e "$1" ]; then exit ${said.missing}; fi
cd -- "$1" || exit 1
for f in * .[!.]* ..?*; do
  if [ -d "$f" ]; then t=dir; elif [ -f "$f" ]; then t=file; elif [ -e "$f" ] || [ -L "$f" ]; then t=other; else continue; fi
  printf '%s/%s\\0' "$t" "$f"
done`;

/** Files of one sandbox, reached by small programs inside: any bytes, nothing of this machine. Paths are absolute. */
export class InsideFiles {
  readonly #sandbox: Sandbox;
  readonly #root: () => string;
  readonly #signal: () => AbortSignal | undefined;

  /**
   * @param root the folder that writing is confined to, asked for at each write
   * @param signal what ends the program that is about to be started
   */
  constructor(sandbox: Sandbox, root: () => string, signal: () => AbortSignal | undefined = () => undefined) {
    this.#sandbox = sandbox;
    this.#root = root;
    this.#signal = signal;
  }

  /**
   * Reads at most `maxBytes` of a file and says whether there was more. Throws `SandboxWorkspaceReadNotFoundError`
   * only where the file is proven to be missing.
   */
  async read(path: string, maxBytes = mostBytes): Promise<{ bytes: Uint8Array; cut: boolean }> {
    const answer = await this.#run({ script: readScript, args: [path], maxBytes });
    if (answer.code !== 0) throw failure(answer.code, answer.stderr, path);
    return { bytes: answer.stdout, cut: answer.cut };
  }

  /**
   * Writes a whole file, folders above it included; half of it never shows. `create` refuses where something is there.
   * Throws `SandboxPathResolutionError` where links would lead out of the workspace.
   */
  async write(path: string, bytes: Uint8Array, mode: 'create' | 'replace'): Promise<void> {
    await this.#change(writeScript, [path, this.#root(), String(bytes.length), mode], path, bytes);
  }

  /** Removes one file or link. Throws when there is none. */
  async remove(path: string): Promise<void> {
    await this.#change(removeScript, [path, this.#root()], path);
  }

  /** What lies in a folder; a link counts as what it leads to. Entries' `path` is `relative` and the name. */
  async list(path: string, relative: string): Promise<SandboxDirectoryEntry[]> {
    const answer = await this.#run({ script: listScript, args: [path], maxBytes: mostListing });
    if (answer.code !== 0) throw failure(answer.code, answer.stderr, path);
    if (answer.cut) throw new SandboxWorkspaceArchiveReadError(`Too many entries to list: ${path}`);
    const rows = Buffer.from(answer.stdout).toString('utf8').split('\0').filter(Boolean);
    return rows.map((row) => {
      const cut = row.indexOf('/');
      const name = row.slice(cut + 1);
      return { name, path: relative === '' ? name : `${relative}/${name}`, type: entryType(row.slice(0, cut)) };
    });
  }

  /** False only where absence is proven; otherwise it rejects. */
  exists(path: string): Promise<boolean> {
    return probeSandboxPathExists({ path, runCommand: (script) => this.#probe(script) });
  }

  /** True where it is a folder that can be entered. */
  directoryExists(path: string): Promise<boolean> {
    return probeSandboxDirectoryExists({ path, runCommand: (script) => this.#probe(script) });
  }

  async #probe(script: string): Promise<{ status: number; stdout: string; stderr: string }> {
    const answer = await this.#run({ script, args: [], maxBytes: smallAnswer });
    return { status: answer.code, stdout: Buffer.from(answer.stdout).toString('utf8'), stderr: answer.stderr };
  }

  async #change(script: string, args: readonly string[], path: string, bytes?: Uint8Array): Promise<void> {
    const stdin = bytes === undefined ? {} : { stdin: once(bytes) };
    const answer = await this.#run({ script, args, maxBytes: smallAnswer, ...stdin });
    if (answer.code !== 0) throw failure(answer.code, answer.stderr, path);
  }

  #run(request: InsideRequest): Promise<InsideAnswer> {
    return runInside(this.#sandbox, { deadlineMs: withinMs, signal: this.#signal(), ...request });
  }
}

/** True for every error that proves that nothing is there. */
export const isMissing = isSandboxPathNotFoundError;

function entryType(word: string): SandboxDirectoryEntry['type'] {
  return word === 'dir' || word === 'file' ? word : 'other';
}

function failure(code: number, stderr: string, path: string): Error {
  switch (code) {
    case said.missing:
      return new SandboxWorkspaceReadNotFoundError(`File not found: ${path}`);
    case said.directory:
      return new SandboxWorkspaceArchiveReadError(`Path is not a file: ${path}`);
    case said.outside:
      return new SandboxPathResolutionError(`Links lead out of the workspace: ${path}`);
    case said.exists:
      return new SandboxProviderError(`File already exists: ${path}`);
    case said.incomplete:
      return new SandboxProviderError(`Not all bytes arrived, so the file was left as it was: ${path}`);
    default:
      return new SandboxProviderError(stderr === '' ? `Exit code ${code} for ${path}` : stderr);
  }
}
