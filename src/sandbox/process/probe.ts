import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { problem, problemOf } from '../../core/problem.ts';
import type { Capabilities, Probe } from '../../core/sandbox.ts';
import type { BootParts } from './boot.ts';
import { findBwrap } from './bwrap.ts';
import { classify } from './classify.ts';
import { confinementFor } from './compose.ts';
import { makeOwned, makeSessionFolder } from './record.ts';
import { settingsSchema } from './settings.ts';

const withinMs = 5000;

/** What this kind of sandbox can do where it works. */
export const linuxCapabilities: Capabilities = {
  isolation: 'process',
  egress: 'allow-list',
  reachesHostLoopback: false,
  abort: 'tree',
  survivesReload: 'processes',
  terminalReattach: true,
  maxPublished: 0,
  samePlatform: true,
  billed: false,
};

/**
 * Weaker: there is no view of processes of its own, and loopback is the machine's. So a way out that listens on loopback
 * would be everybody's on that machine, and there is none.
 */
export const macCapabilities: Capabilities = {
  ...linuxCapabilities,
  egress: 'none',
  abort: 'group',
  reachesHostLoopback: true,
};

/** Tries the real argument list with a program that does nothing, and explains a refusal. */
export async function probeLinux(parts: BootParts, signal: AbortSignal): Promise<Probe> {
  const bwrap = await findBwrap();
  if (!bwrap.ok) return { ready: false, problem: bwrap.problem };
  const scratch = await mkdtemp(join(parts.place.root, 'probe-'));
  try {
    await chmod(scratch, parts.place.drop === undefined ? 0o700 : 0o711);
    const path = join(scratch, 's');
    await makeSessionFolder(parts.place, path, []);
    const control = join(path, 'ctl');
    await makeOwned(parts.place, control);
    const record = { settings: settingsSchema.parse({}), toolchains: [] };
    const boot = { control, firstBoot: true, command: ['/bin/true'] };
    const { program, args, command, seccomp } = await confinementFor(parts, path, record, boot);
    const list = Buffer.from(args.map((arg) => `${arg}\0`).join(''));
    const ran = await parts.machine.run({
      program,
      args: ['--args', '3', '--', ...command],
      cleanEnv: true,
      cwd: '/',
      fds: [list, Buffer.from(seccomp ?? '', 'base64'), 'pipe'],
      timeoutMs: withinMs,
      signal,
      ...(parts.place.drop ?? {}),
    });
    if (ran.code === 0) return { ready: true, caps: linuxCapabilities };
    if (ran.endedBy === 'abort') return { ready: false, problem: problem('aborted', 'The check was cancelled.') };
    return { ready: false, problem: await classify(parts.machine, Buffer.from(ran.stderr).toString()) };
  } catch (error) {
    return { ready: false, problem: problemOf(error, 'sandbox-unavailable') };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Seatbelt is there on every macOS; that the profile holds was not proven on one. */
export async function probeMac(parts: BootParts): Promise<Probe> {
  const ran = await parts.machine.run({
    program: '/usr/bin/sandbox-exec',
    args: ['-p', '(version 1)(allow default)', '/usr/bin/true'],
    cleanEnv: true,
    timeoutMs: withinMs,
  });
  if (ran.code === 0)
    return {
      ready: true,
      caps: macCapabilities,
      note: 'Confinement on macOS is unproven; programs reach localhost of this machine.',
    };
  return { ready: false, problem: problem('sandbox-unavailable', 'This system has no working sandbox-exec.') };
}
