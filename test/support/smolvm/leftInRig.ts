import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { emulatorsBelow } from './emulators.ts';
import { readyMark, rigFolder } from './place.ts';

const listed = z.object({ data: z.object({ vms: z.array(z.object({ name: z.string(), status: z.string() })) }) });

/** What of the rig still runs or is still listed, a line for people each; nothing where there is no rig. */
export async function leftInRig(): Promise<readonly string[]> {
  if (!existsSync(readyMark)) return [];
  const running = emulatorsBelow(rigFolder).map(({ pid, args }) => `emulator ${pid}: ${nameIn(args)}`);
  const vms = await Promise.all(['smolvm', 'celesto'].map(listedBy));
  return [...running, ...vms.flat()];
}

async function listedBy(name: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(`${rigFolder}/programs/${name}`, ['sandbox', 'list', '--all', '--json']);
  return listed.parse(JSON.parse(stdout)).data.vms.map((vm) => `${name} lists ${vm.name}, ${vm.status}`);
}

function nameIn(args: readonly string[]): string {
  return /qmp-([a-z0-9_-]+)\.sock/.exec(args.join(' '))?.[1] ?? 'without a name';
}
