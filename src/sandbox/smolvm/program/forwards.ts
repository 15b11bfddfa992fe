import type { Program } from './program.ts';
import { exposedShape, forwardsShape, type Forward } from './shapes.ts';
import { z } from 'zod';

/**
 * Has the program forward a port of this machine's loopback to one inside, for where there is no SSH. It reaches only
 * what listens on the guest's own address, and answers well also where another program has the host's port: choose one
 * that is free, and look at what answers.
 */
export function expose(
  program: Program,
  name: string,
  ports: { host: number; guest: number },
  signal?: AbortSignal,
): Promise<{ host: number; guest: number }> {
  return program.inTurn(name, async () => {
    const args = ['sandbox', 'port', 'expose', name, `${ports.host}:${ports.guest}`];
    const made = await program.data(args, exposedShape, { signal });
    return { host: made.host_port, guest: made.guest_port };
  });
}

/** Takes a forward back. Idempotent. */
export function unexpose(
  program: Program,
  name: string,
  ports: { host: number; guest: number },
  signal?: AbortSignal,
): Promise<void> {
  return program.inTurn(name, async () => {
    await program.data(['sandbox', 'port', 'close', name, `${ports.host}:${ports.guest}`], z.unknown(), { signal });
  });
}

/** The forwards that the program has noted, also those that died with a boot. */
export async function forwards(program: Program, name: string, signal?: AbortSignal): Promise<readonly Forward[]> {
  return (await program.data(['sandbox', 'port', 'list', name], forwardsShape, { signal })).forwards;
}
