import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the stand-in does for one command. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** Ends itself by this signal after it has printed. */
  readonly signal?: 'KILL' | 'TERM';
  /** Never ends by itself after it has printed. */
  readonly hangs?: boolean;
}

/**
 * What it does for the commands that begin with these words. Of several answers each call gets the next one, and those
 * after them the last.
 */
export type Answers = Readonly<Record<string, Answer | readonly Answer[]>>;

/** A program that answers as it was told: for what the published ones cannot be made to do. */
export interface StandIn {
  /** Absolute path; its last part is the name that was asked for. */
  readonly program: string;
  readonly folder: string;
  /** The commands that it was given, each with its words parted by blanks. */
  calls(): readonly string[];
  /** The environment of its last call. */
  environment(): Readonly<Record<string, string>>;
  /** Makes it answer otherwise from now on. */
  answers(table: Answers): void;
  remove(): void;
}

/** Makes a stand-in. The table's keys are the first words of a command, such as `--version` or `sandbox info`. */
export function standIn(name: string, table: Answers): StandIn {
  const folder = mkdtempSync(join(tmpdir(), 'smolvm-stand-in-'));
  const program = join(folder, 'bin', name);
  mkdirSync(join(folder, 'bin'));
  const read = (file: string) => {
    try {
      return readFileSync(join(folder, file), 'utf8');
    } catch {
      return '';
    }
  };
  const answers = (answered: Answers) => {
    writeFileSync(program, scriptOf(folder, answered), { mode: 0o755 });
  };
  answers(table);
  return {
    program,
    folder,
    calls: () => read('calls').split('\n').slice(0, -1),
    environment: () =>
      Object.fromEntries(
        read('environment')
          .split('\0')
          .filter((line) => line.includes('='))
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ),
    answers,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function scriptOf(folder: string, table: Answers): string {
  const cases = Object.entries(table).map(([words, told], at) => {
    const several = [told].flat();
    const counter = join(folder, `${at}.calls`);
    writeFileSync(counter, '');
    const each = several.map((answer, nth) => {
      const isLast = nth === several.length - 1;
      return `${isLast ? '*' : nth + 1}) ${scriptOfAnswer(join(folder, `${at}.${nth}`), answer)} ;;`;
    });
    return `'${words}'*) echo >>'${counter}'; case $(wc -l <'${counter}') in ${each.join(' ')} esac ;;`;
  });
  return [
    '#!/bin/sh',
    `echo "$*" >>'${folder}/calls'`,
    `env -0 >'${folder}/environment'`,
    'case "$*" in',
    ...cases,
    '*) echo "not told: $*" >&2; exit 99 ;;',
    'esac',
    '',
  ].join('\n');
}

function scriptOfAnswer(file: string, { stdout = '', stderr = '', code = 0, signal, hangs }: Answer): string {
  writeFileSync(`${file}.out`, stdout);
  writeFileSync(`${file}.err`, stderr);
  const end = hangs === true ? 'exec sleep 600' : signal === undefined ? `exit ${code}` : `kill -${signal} $$; sleep 5`;
  return `cat '${file}.out'; cat '${file}.err' >&2; ${end}`;
}

/** An envelope as the program prints it. */
export function envelope(
  command: string,
  data: unknown,
  error: { code: string; message: string } | null = null,
  exit = error === null ? 0 : 1,
): string {
  return `${JSON.stringify({ ok: exit === 0, command, exit_code: exit, data, error }, null, 2)}\n`;
}

/** What the doctor of a machine with QEMU says. */
export const healthy: Answer = {
  stdout: envelope('doctor', {
    backend_requested: 'auto',
    backend_resolved: 'qemu',
    system: 'Linux',
    arch: 'x86_64',
    checks: [{ name: 'qemu-version', status: 'pass', detail: '7.2.22', fix: null }],
    summary: { failures: 0, warnings: 0, ok: true, strict: false },
  }),
};
