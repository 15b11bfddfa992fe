// @ts-check
import { fixFor } from '../system.mjs';

/** @import { Machine } from './machine.mjs' */
/** @import { Probe } from './probes.mjs' */

const name = 'sandbox';
const containerFix =
  'Start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined.';

/**
 * How bubblewrap says no, what that means, and what helps.
 *
 * @type {readonly { sign: RegExp, says: string, fix: string | ((machine: Machine) => string) }[]}
 */
const refusals = [
  {
    sign: /uid map: Permission denied|RTM_NEWADDR/,
    says: "AppArmor blocks bubblewrap's namespaces",
    fix: 'sudo apt-get install -y apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && sudo systemctl reload apparmor',
  },
  {
    sign: /nesting depth|ENOSPC|No space left/,
    says: 'user namespaces are switched off',
    fix: 'sudo sysctl -w user.max_user_namespaces=15000',
  },
  {
    sign: /No permissions to create/,
    says: 'user namespaces are forbidden here',
    fix: ({ read }) => {
      const off = read('/proc/sys/kernel/unprivileged_userns_clone') === '0';
      return off ? 'sudo sysctl -w kernel.unprivileged_userns_clone=1' : containerFix;
    },
  },
  { sign: /mount proc|Failed to make \/ slave/, says: 'this container forbids sandboxes', fix: containerFix },
];

/**
 * Whether the built-in sandbox can run.
 *
 * @param {Machine} machine
 * @returns {Probe}
 */
export function sandbox(machine) {
  const { platform, find, hasApt, read } = machine;
  if (platform === 'darwin') return seatbelt(machine);
  const version = read('/proc/version');
  if (/microsoft/i.test(version) && !/WSL2/i.test(version)) {
    return {
      name,
      ok: false,
      says: 'WSL1 cannot run a sandbox',
      fix: 'In Windows: wsl --set-version <distribution> 2',
    };
  }
  const bwrap = find('bwrap');
  if (bwrap !== undefined) return bubblewrap(machine, bwrap);
  const says = hasApt ? 'bubblewrap will be installed by apt' : 'bubblewrap is missing';
  return { name, ok: hasApt, says, fix: fixFor('bwrap', find) };
}

/** @param {Machine} machine @returns {Probe} */
function seatbelt({ exists }) {
  const ok = exists('/usr/bin/sandbox-exec');
  const says = ok ? 'Seatbelt (unproven)' : 'sandbox-exec is missing';
  return { name, ok, says, fix: 'Use a macOS that has /usr/bin/sandbox-exec.' };
}

/** @param {Machine} machine @param {string} bwrap @returns {Probe} */
function bubblewrap(machine, bwrap) {
  const { status, stderr } = machine.tryBubblewrap(bwrap);
  if (status === 0) return { name, ok: true, says: 'bubblewrap' };
  const known = refusals.find(({ sign }) => sign.test(stderr));
  if (known === undefined) {
    const fix = 'See what bwrap --unshare-all --ro-bind / / true says.';
    return { name, ok: false, says: `bubblewrap fails: ${stderr.trim()}`, fix };
  }
  const fix = typeof known.fix === 'function' ? known.fix(machine) : known.fix;
  return { name, ok: false, says: known.says, fix };
}
