import { access, readFile } from 'node:fs/promises';
import type { Machine } from '../../core/machine.ts';
import { problem, type Problem } from '../../core/problem.ts';

/** What is known of this machine, to explain why a sandbox does not start. */
export interface Surroundings {
  /** Running in a container, by the files and variables that containers leave. */
  readonly container: boolean;
  readonly wsl1: boolean;
  readonly confinedEditor: boolean;
  /** Values of kernel settings, by the last part of their name. */
  readonly settings: Readonly<Record<string, string>>;
}

const unavailable = (detail: string) => problem('sandbox-unavailable', detail, { fix: 'show-setup' });
const mendedBy = (fixCommand: string, detail: string) =>
  problem('sandbox-unavailable', detail, { fix: 'show-command', fixCommand });

const apparmorFix = [
  'sudo apt install apparmor-profiles',
  'sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/',
  'sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict',
].join(' && ');

/** Says in one sentence, with one fix, why bubblewrap could not start a sandbox here; `said` is its standard error. */
export async function classify(machine: Machine, said: string): Promise<Problem> {
  return explain(said, await surroundings(machine));
}

/** The rules of {@link classify}, apart from the machine. */
export function explain(said: string, around: Surroundings): Problem {
  const { settings } = around;
  if (/limit not in force: (.*)/.test(said)) {
    return problem('sandbox-start-failed', `The system's shell did not set a limit (${lastLine(said)}).`);
  }
  if (around.wsl1) {
    return unavailable(
      'This is WSL 1, which cannot confine programs: in Windows, run “wsl --set-version” with the name of this distribution and 2.',
    );
  }
  if (around.confinedEditor) {
    return unavailable('The editor itself is confined (Snap or Flatpak): install it as deb or rpm package.');
  }
  if (around.container && namespaceRefused(said)) {
    return unavailable(
      'This container forbids sandboxes: use a hosted sandbox, or start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined (in devcontainer.json, four words of "runArgs").',
    );
  }
  if (settings['unprivileged_userns_clone'] === '0') {
    return mendedBy('sudo sysctl -w kernel.unprivileged_userns_clone=1', 'User namespaces are off.');
  }
  if (settings['max_user_namespaces'] === '0' || /ENOSPC|nesting depth/.test(said)) {
    return mendedBy('sudo sysctl -w user.max_user_namespaces=15000', 'User namespaces are off.');
  }
  if (settings['apparmor_restrict_unprivileged_userns'] === '1' && namespaceRefused(said)) {
    return mendedBy(apparmorFix, "Ubuntu blocks bubblewrap's namespaces.");
  }
  if (namespaceRefused(said)) {
    return unavailable('This system does not let programs make namespaces, which the built-in sandbox needs.');
  }
  return problem('sandbox-start-failed', `The sandbox could not be started: ${lastLine(said)}`, { fix: 'open-log' });
}

function namespaceRefused(said: string): boolean {
  return [
    /setting up uid map/,
    /RTM_NEWADDR/,
    /No permissions to create (a )?new namespace/,
    /Can't mount proc on/,
    /Failed to make \/ slave/,
    /Creating new namespace failed/,
    /Operation not permitted/,
  ].some((sign) => sign.test(said));
}

function lastLine(said: string): string {
  const last = said.trim().split('\n').at(-1) ?? '';
  return last.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

async function surroundings(machine: Machine): Promise<Surroundings> {
  const env = await machine.run({
    program: '/usr/bin/env',
    args: [],
    passEnv: ['SNAP', 'REMOTE_CONTAINERS', 'CODESPACES', 'WSL_INTEROP'],
  });
  const variables = Buffer.from(env.stdout).toString();
  const version = await readText('/proc/version');
  const names = [
    ['kernel', 'unprivileged_userns_clone'],
    ['kernel', 'apparmor_restrict_unprivileged_userns'],
    ['user', 'max_user_namespaces'],
  ] as const;
  const values = await Promise.all(names.map(([folder, name]) => readText(`/proc/sys/${folder}/${name}`)));
  return {
    container:
      (await exists('/.dockerenv')) ||
      (await exists('/run/.containerenv')) ||
      /^(REMOTE_CONTAINERS|CODESPACES)=true/m.test(variables),
    wsl1: /Microsoft/.test(version) && !/WSL2|microsoft-standard/.test(version),
    confinedEditor: (await exists('/.flatpak-info')) || /^SNAP=.*\/code/m.test(variables),
    settings: Object.fromEntries(names.map(([, name], index) => [name, values[index]?.trim() ?? ''])),
  };
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
