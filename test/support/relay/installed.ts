import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { written } from '../../../src/sandbox/common/streamPipe.ts';
import { type Language, languages } from '../../../src/sandbox/relay/inside/languages.ts';
import { LogReader, type LogEnd, type LogRecord } from '../../../src/sandbox/relay/job/log.ts';
import { Mux } from '../../../src/sandbox/relay/mux/mux.ts';
import { skipBecause } from '../commands/results.ts';
import { present } from '../present.ts';

/** The system's programs first: what a person put before them may be a script that looks for the real one. */
const path = `/usr/bin:/bin:${process.env['PATH'] ?? ''}`;

/** The program inside as it lies in a folder of its own on this machine, in one of its languages. */
export class InstalledRelay {
  readonly folder = mkdtempSync(join(tmpdir(), 'airlock-relay-'));
  environment: Readonly<Record<string, string>> = { PATH: path };
  readonly #words: readonly string[];
  readonly #children: ChildProcessWithoutNullStreams[] = [];

  constructor({ start, file, source }: Language) {
    const program = join(this.folder, file);
    this.#words = [...start, program];
    mkdirSync(join(this.folder, 'j'));
    writeFileSync(program, source);
    writeFileSync(join(this.folder, 'env'), `PATH=${path}\0HOME=/root\0`);
  }

  /** Skips what needs it where its language is not there. */
  static skipUnlessThere(context: Mocha.Context, { isThere, name }: Language): void {
    const env = { PATH: path };
    const there = process.platform === 'linux' && spawnSync('sh', ['-c', isThere], { env }).status === 0;
    if (!there) skipBecause(context, `there is no ${name} on a Linux here`);
  }

  /** Runs one mode to its end and gives the lines of its answer. */
  run(words: readonly (string | number)[], input: Uint8Array = new Uint8Array(0)): string[] {
    const [program = '', ...args] = this.#command(words);
    const piped = Buffer.from(input).toString('base64');
    const { status, stdout, stderr, error } = spawnSync(program, args, { input: piped, env: this.environment });
    // Some answers need no input: it may be left unread.
    const unread = error !== undefined && 'code' in error && error.code === 'EPIPE';
    if ((error !== undefined && !unread) || status !== 0) throw new Error(stderr.toString(), { cause: error });
    return stdout.toString().trimEnd().split('\n');
  }

  start(words: readonly (string | number)[]): ChildProcessWithoutNullStreams {
    const [program = '', ...args] = this.#command(words);
    const child = spawn(program, args, { env: this.environment });
    child.stdin.on('error', () => undefined);
    this.#children.push(child);
    return child;
  }

  /** A connection to it, and the process at its other end. */
  async mux(): Promise<{ mux: Mux; child: ChildProcessWithoutNullStreams }> {
    let started: ChildProcessWithoutNullStreams | undefined;
    const mux = await Mux.open((name, events) => {
      const child = this.start(['mux', name]);
      started = child;
      child.stdout.on('data', (bytes: Uint8Array) => events.bytes(bytes));
      child.once('close', () => events.closed());
      const { stdin } = child;
      return Promise.resolve({ send: (bytes) => written(stdin, bytes), close: () => void child.kill() });
    }, new AbortController().signal);
    if (started === undefined) throw new Error('It was not started.');
    return { mux, child: started };
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    this.run(['watch', 0]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command(words: readonly (string | number)[]): readonly string[] {
    return [...this.#words, ...words.map(String)];
  }
}

/** The records in an answer's lines. */
export function recordsIn(lines: readonly string[], from = 0): LogRecord[] {
  const found: LogRecord[] = [];
  const reader = new LogReader((told) => found.push(told));
  reader.beginAt(from);
  for (const line of lines) {
    if (/^[@.]/.test(line) || line === '') continue;
    reader.take(reader.wanted, Buffer.from(line, 'base64'));
  }
  return found;
}

/** The output of one stream in an answer's lines. */
export function outputIn(lines: readonly string[], of: 1 | 2 = 1): Buffer {
  return Buffer.concat(recordsIn(lines).flatMap((one) => (one.kind === 'output' && one.fd === of ? [one.bytes] : [])));
}

/** How the command of an answer ended; undefined where it does not tell. */
export function endIn(lines: readonly string[]): LogEnd | undefined {
  const last = recordsIn(lines).at(-1);
  return last?.kind === 'ended' ? last.end : undefined;
}

/** Every language, one after the other. */
export function inEachLanguage(tests: (language: Language) => void): void {
  for (const language of languages) describe(`in ${language.name}`, () => tests(language));
}

/** Every language that can carry connections, and give a command a terminal or streams that are not ours. */
export function inEachThatCarries(tests: (language: Language) => void): void {
  for (const language of languages.filter(({ carries }) => carries))
    describe(`in ${language.name}`, () => tests(language));
}

/** What a row finds where each of them has a program and a connection to it of its own. */
export interface WithMux {
  readonly installed: InstalledRelay;
  readonly mux: Mux;
}

/** As {@link inEachThatCarries}, with a connection for each row. */
export function inEachWithMux(title: string, tests: (row: WithMux) => void): void {
  inEachThatCarries((language) => {
    describe(title, () => {
      let row: WithMux | undefined;
      const now = () => present(row);
      before(function () {
        InstalledRelay.skipUnlessThere(this, language);
      });
      beforeEach(async () => {
        const installed = new InstalledRelay(language);
        row = { installed, mux: (await installed.mux()).mux };
      });
      afterEach(() => {
        row?.mux.close();
        row?.installed.remove();
        row = undefined;
      });
      tests({
        get installed() {
          return now().installed;
        },
        get mux() {
          return now().mux;
        },
      });
    });
  });
}
