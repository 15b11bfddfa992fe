import { chmod, lstat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Machine } from '../../core/machine.ts';
import { fail } from '../../core/problem.ts';
import { bwrapArguments, inside, limited, type ReadOnly } from './bwrapArguments.ts';
import { bwrapFeatures, findBwrap } from './bwrap.ts';
import { shownChains } from './chains.ts';
import { installProgram, readableRuntime, reachable, type Place } from './place.ts';
import { sessionFolder, type SessionRecord } from './record.ts';
import { seatbeltCommand } from './seatbelt.ts';
import { seccompFilter } from './seccomp.ts';
import type { Composed, Limits } from './wire.ts';

/** What the start of a sandbox is composed from. */
export interface ComposeParts {
  readonly machine: Machine;
  readonly place: Place;
  readonly programs: { readonly supervisor: string };
  readonly nodePty?: string;
}

/** Composes the program, arguments and filter that confine a session, with `command` or else the supervisor inside. */
export async function confinementFor(
  parts: ComposeParts,
  path: string,
  record: Pick<SessionRecord, 'settings' | 'toolchains'>,
  boot: { readonly control: string; readonly firstBoot: boolean; readonly command?: readonly string[] },
): Promise<Composed> {
  const { machine, place } = parts;
  const supervisor = await installProgram(place, parts.programs.supervisor, 0o644);
  const limits = limitsOf(record);
  if (machine.platform === 'darwin')
    return seatbeltCommand({ machine, place, path, record, supervisor, limits, ...boot });
  const bwrap = await findBwrap();
  if (!bwrap.ok) return fail(bwrap.problem.id, bwrap.problem.detail, bwrap.problem);
  const runtime = await runtimeInside(machine, place);
  const nodePty = await nativeModule(parts, place);
  const config = {
    socket: inside.socket,
    scratch: inside.scratch,
    limits,
    firstBoot: boot.firstBoot,
    terminals: nodePty.length > 0 ? { nodePty: inside.nodePty } : {},
  };
  const folder = sessionFolder(path);
  const chains = await shownChains(record.toolchains, { storage: place.root, asStranger: place.drop !== undefined });
  const args = await bwrapArguments({
    features: await bwrapFeatures(machine, bwrap.program),
    etc: folder.etc,
    home: folder.home,
    workspace: folder.workspace,
    control: boot.control,
    readOnly: [...runtime.readOnly, { from: supervisor, to: inside.supervisor }, ...nodePty, ...chains.readOnly],
    hidden: chains.hidden,
    pathFirst: pathFirstOf(record),
    env: runtime.env,
  });
  const command = limited(limits, boot.command ?? [runtime.program, inside.supervisor, JSON.stringify(config)]);
  return { program: bwrap.program, args, command, argsFd: true, seccomp: filter().toString('base64'), env: {} };
}

/** Folders of the agreed tool chains, for PATH. */
export function pathFirstOf(record: Pick<SessionRecord, 'toolchains'>): readonly string[] {
  return [...new Set(record.toolchains.map(({ bin }) => bin))];
}

/** The limits of one session, as its record has them. */
function limitsOf({ settings }: Pick<SessionRecord, 'settings'>): Limits {
  const { memoryMb, maxProcesses, maxFileMb, maxOpenFiles } = settings;
  return { memoryMb, maxProcesses, maxFileMb, maxOpenFiles };
}

function filter(): Buffer {
  const { arch } = process;
  if (arch === 'x64' || arch === 'arm64') return seccompFilter(arch);
  return fail('sandbox-unavailable', `The built-in sandbox has no system call filter for ${arch} processors.`);
}

interface RuntimeInside {
  readonly readOnly: readonly ReadOnly[];
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A plain runtime is one file; an editor's needs its whole folder and a variable that makes it run scripts. */
async function runtimeInside(machine: Machine, place: Place): Promise<RuntimeInside> {
  const { program, env } = machine.runtime;
  if (env['ELECTRON_RUN_AS_NODE'] === undefined) {
    const from = await readableRuntime(place, program);
    return { readOnly: [{ from, to: inside.node }], program: inside.node, env: {} };
  }
  if (place.drop !== undefined && !(await reachable(program))) {
    return fail('sandbox-unavailable', 'The editor lies in a private folder that a sandboxed user cannot read.');
  }
  const editor = join(inside.editor, basename(program));
  const wrapper = join(place.root, 'programs', 'node');
  await writeFile(wrapper, `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec '${editor}' "$@"\n`);
  await chmod(wrapper, 0o755);
  const readOnly = [
    { from: dirname(program), to: inside.editor },
    { from: wrapper, to: inside.node },
  ];
  return { readOnly, program: editor, env: { ELECTRON_RUN_AS_NODE: '1' } };
}

async function nativeModule({ nodePty }: ComposeParts, place: Place): Promise<readonly ReadOnly[]> {
  if (nodePty === undefined) return [];
  const found = await lstat(join(nodePty, 'package.json')).catch(() => undefined);
  const readable = found !== undefined && (place.drop === undefined || (await reachable(nodePty)));
  return readable ? [{ from: nodePty, to: inside.nodePty }] : [];
}
