import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { problem, type Problem } from '../../../core/problem.ts';
import { brokenOff, call, runProgram, type Found, type Ground, type ProgramName } from './call.ts';
import { oneLine } from './envelope.ts';
import { mendedBy } from './fixes.ts';
import { doctorShape } from './shapes.ts';

const versionWithinMs = 20_000;
const doctorWithinMs = 60_000;
const names: readonly ProgramName[] = ['smolvm', 'celesto'];

/** What the program is looked for with. */
export interface FindParts extends Ground {
  /** The setting `airlock.smolvm.path`: an absolute path that is taken and no other. */
  path?(): string | undefined;
}

/** The program, with a sentence where its version is not one that this was made for; or why there is none. */
export type Finding =
  | { readonly kind: 'found'; readonly found: Found; readonly note?: string }
  | { readonly kind: 'none'; readonly problem: Problem };

type Identified =
  | { readonly is: 'right'; readonly found: Found; readonly note?: string }
  | { readonly is: 'wrong'; readonly problem: Problem };

/** Finds the program under both of its names, and looks again only when its file has changed. */
export class Finder {
  readonly #parts: FindParts;
  readonly #known = new Map<string, { readonly stamp: string; readonly finding: Identified }>();

  constructor(parts: FindParts) {
    this.#parts = parts;
  }

  async find(signal?: AbortSignal): Promise<Finding> {
    const { machine } = this.#parts;
    const path = this.#parts.path?.();
    if (path !== undefined && path !== '') {
      if (isAbsolute(path)) return findingOf([await this.#identify(path, signal)]);
      return none('bad-input', 'The setting airlock.smolvm.path must be an absolute path.', { fix: 'open-settings' });
    }
    const identified: Identified[] = [];
    for (const name of names) {
      const program = await machine.find(name);
      if (program === undefined) continue;
      const one = await this.#identify(program, signal);
      if (one.is === 'right') return findingOf([one]);
      identified.push(one);
    }
    return findingOf(identified);
  }

  async #identify(program: string, signal: AbortSignal | undefined): Promise<Identified> {
    const stamp = await stampOf(program);
    if (stamp === undefined) return wrong(`There is no program at ${oneLine(program)}.`);
    const known = this.#known.get(program);
    if (known?.stamp === stamp) return known.finding;
    const finding = await identify(this.#parts, program, signal);
    // What was wrong may be mended without the file being touched.
    if (finding.is === 'right') this.#known.set(program, { stamp, finding });
    return finding;
  }
}

async function stampOf(program: string): Promise<string | undefined> {
  try {
    const real = await realpath(program);
    const { mtimeMs, size, ino } = await stat(real);
    return [real, mtimeMs, size, ino].join(' ');
  } catch {
    return undefined;
  }
}

function findingOf(identified: readonly Identified[]): Finding {
  const [first] = identified;
  if (first === undefined) return none('sandbox-unavailable', 'SmolVM is not installed.', mendedBy('install'));
  if (first.is === 'wrong') return { kind: 'none', problem: first.problem };
  return { kind: 'found', found: first.found, ...(first.note === undefined ? {} : { note: first.note }) };
}

function none(id: Problem['id'], detail: string, fix: Pick<Problem, 'fix' | 'fixAction'>): Finding {
  return { kind: 'none', problem: problem(id, detail, fix) };
}

function wrong(detail: string): Identified {
  return { is: 'wrong', problem: problem('sandbox-unavailable', detail, { fix: 'open-settings' }) };
}

/** An unrelated program is called `smolvm` too: a version that is not known counts only with the doctor's envelope. */
async function identify(ground: Ground, program: string, signal: AbortSignal | undefined): Promise<Identified> {
  const ran = await runProgram(ground.machine, program, ['--version'], { withinMs: versionWithinMs, signal });
  const broken = brokenOff(ran, oneLine(program));
  if (broken !== undefined) return { is: 'wrong', problem: broken };
  const line = Buffer.from(ran.stdout.subarray(0, 200)).toString().trim();
  const [, name, version] = /^(smolvm|celesto) (\d+\.\d+\.[\w.+-]{1,40})$/.exec(line) ?? [];
  const foreign = wrong(
    `${oneLine(program)} is another program, not SmolVM: set airlock.smolvm.path to the right one.`,
  );
  if (ran.code !== 0 || name === undefined || version === undefined) return foreign;
  const found: Found = { name: name === 'celesto' ? 'celesto' : 'smolvm', version, program };
  if (isKnown(found)) return { is: 'right', found };
  const reply = await call(ground, found, ['doctor'], doctorShape, { withinMs: doctorWithinMs, signal });
  if (reply.kind === 'unclear' && reply.problem.id !== 'protocol') return { is: 'wrong', problem: reply.problem };
  if (reply.kind !== 'data') return foreign;
  return { is: 'right', found, note: `Airlock does not know ${name} ${version}: it was made for ${knownVersions}.` };
}

const knownVersions = 'smolvm 0.0.29 to 0.0.36 and celesto 0.1.10';

function isKnown({ name, version }: Found): boolean {
  if (name === 'celesto') return version === '0.1.10';
  const [, patch] = /^0\.0\.(\d+)$/.exec(version) ?? [];
  return patch !== undefined && Number(patch) >= 29 && Number(patch) <= 36;
}
