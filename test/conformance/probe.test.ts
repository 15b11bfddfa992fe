import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { z } from 'zod';
import { skipBecause } from '../support/commands/results.ts';
import { processPrograms } from '../support/process/programs.ts';
import { onStage, stageUnavailable, type Scenery } from '../support/process/stage.ts';

const bwrap = '/usr/bin/bwrap';
const program = `${import.meta.dirname}/../support/process/trying.ts`;
const answerShape = z.discriminatedUnion('ready', [
  z.object({ ready: z.literal(true), left: z.number().optional() }),
  z.object({
    ready: z.literal(false),
    left: z.number().optional(),
    problem: z.object({
      id: z.string(),
      detail: z.string(),
      fix: z.string().optional(),
      fixCommand: z.string().optional(),
    }),
  }),
]);

/** A bubblewrap that cannot start anything, and says so in these words. */
function saying(words: string, more: Scenery = {}): Scenery {
  const script = `#!/bin/sh\n[ "$1" = --help ] && exit 0\ncat >/dev/null\necho 'bwrap: ${words}' >&2\nexit 1\n`;
  return { ...more, files: { ...more.files, [bwrap]: script }, modes: { ...more.modes, [bwrap]: 0o755 } };
}

const file = (path: string, content = ''): Scenery => ({ files: { [path]: content } });
const apparmor = file('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1\n');
const noNamespaces = 'No permissions to create new namespace, likely because the kernel does not allow it';
const wsl1 = 'Linux version 4.4.0-22621-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0) #1-Microsoft\n';
const docker = file('/.dockerenv');

/** A machine on which the built-in sandbox does not work, and what is said there: one sentence, one fix. */
interface Refusal {
  readonly on: string;
  readonly scenery: Scenery;
  readonly sentence: RegExp;
  readonly fix?: RegExp;
}

const container = { sentence: /^This container forbids sandboxes.* seccomp=unconfined .* systempaths=unconfined / };
const ubuntu = { sentence: /^Ubuntu blocks bubblewrap's namespaces\.$/, fix: /bwrap-userns-restrict/ };
const off = /^User namespaces are off\.$/;
const confined = {
  sentence: /^The editor itself is confined \(Snap or Flatpak\): install it as deb or rpm package\.$/,
};

const refusals: readonly Refusal[] = [
  {
    on: 'no bubblewrap',
    scenery: { files: { [bwrap]: '' }, modes: { [bwrap]: 0o644 } },
    sentence: /^Airlock needs bubblewrap\.$/,
    fix: /^sudo apt install bubblewrap$/,
  },
  {
    on: 'a setuid bubblewrap',
    scenery: { files: { [bwrap]: '#!/bin/sh\n' }, modes: { [bwrap]: 0o4755 } },
    sentence: /setuid, which is not safe\.$/,
    fix: /^sudo chmod u-s \/usr\/bin\/bwrap$/,
  },
  { on: 'Ubuntu', scenery: saying('setting up uid map: Permission denied', apparmor), ...ubuntu },
  {
    on: 'Ubuntu, later',
    scenery: saying('loopback: Failed RTM_NEWADDR: Operation not permitted', apparmor),
    ...ubuntu,
  },
  {
    on: 'a kernel with a switch',
    scenery: saying(noNamespaces, file('/proc/sys/kernel/unprivileged_userns_clone', '0\n')),
    sentence: off,
    fix: /kernel\.unprivileged_userns_clone=1$/,
  },
  {
    on: 'a kernel that counts to zero',
    scenery: saying('Creating new namespace failed', file('/proc/sys/user/max_user_namespaces', '0\n')),
    sentence: off,
    fix: /user\.max_user_namespaces=\d+$/,
  },
  {
    on: 'a kernel whose count is used up',
    scenery: saying(
      'Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
    ),
    sentence: off,
    fix: /user\.max_user_namespaces=\d+$/,
  },
  { on: 'Docker', scenery: saying(noNamespaces, docker), ...container },
  { on: 'Podman', scenery: saying(noNamespaces, file('/run/.containerenv')), ...container },
  { on: 'a devcontainer', scenery: saying(noNamespaces, { env: { REMOTE_CONTAINERS: 'true' } }), ...container },
  { on: 'a codespace', scenery: saying(noNamespaces, { env: { CODESPACES: 'true' } }), ...container },
  {
    on: 'a masked /proc',
    scenery: saying("Can'\\''t mount proc on /newroot/proc: Operation not permitted", docker),
    ...container,
  },
  {
    on: 'a container under AppArmor',
    scenery: saying('Failed to make / slave: Permission denied', docker),
    ...container,
  },
  { on: 'gVisor', scenery: saying('loopback: Failed RTM_NEWADDR: Invalid argument', docker), ...container },
  {
    on: 'WSL 1',
    scenery: saying('Creating new namespace failed: Invalid argument', file('/proc/version', wsl1)),
    sentence: /^This is WSL 1, which cannot confine programs: .*“wsl --set-version”/,
  },
  { on: 'an editor in a Snap', scenery: saying(noNamespaces, { env: { SNAP: '/snap/code/151' } }), ...confined },
  {
    on: 'an editor in a Flatpak',
    scenery: saying(noNamespaces, file('/.flatpak-info', '[Application]\n')),
    ...confined,
  },
  {
    on: 'a system that refuses without a known reason',
    scenery: saying(noNamespaces),
    sentence: /^This system does not let programs make namespaces, which the built-in sandbox needs\.$/,
  },
];

async function attempt(what: 'probe' | 'create', scenery: Scenery): Promise<z.infer<typeof answerShape>> {
  const { supervisor, keeper } = await processPrograms();
  const args = [program, what, '/var/lib/storage', supervisor, keeper];
  return answerShape.parse(JSON.parse(await onStage(scenery, process.execPath, ...args)));
}

async function skipWithoutStage(context: Mocha.Context): Promise<void> {
  const reason = await stageUnavailable();
  if (reason !== undefined) skipBecause(context, reason);
}

describe('whether the built-in sandbox works on a machine', () => {
  before(async function () {
    await skipWithoutStage(this);
  });

  it('it does where nothing is in the way', async () => {
    assert.deepEqual(await attempt('probe', {}), { ready: true });
  });

  for (const { on, scenery, sentence, fix } of refusals) {
    it(`it says one sentence and one fix on ${on}`, async () => {
      const answer = await attempt('probe', scenery);
      assert.ok(!answer.ready, 'it does not work');
      assert.match(answer.problem.detail, sentence);
      if (fix === undefined) assert.equal(answer.problem.fixCommand, undefined);
      else assert.match(answer.problem.fixCommand ?? '', fix);
    });
  }
});

/**
 * A system shell that treats one limit differently: `change` is a command in which $n is the limit's number.
 */
function shellThat(option: string, change: string): Scenery {
  const script = [
    '#!/bin/bash',
    `if [[ $1 == -c && $2 =~ ^(.*)(ulimit ${option} )([0-9]+)(.*)$ ]]; then`,
    '  n=${BASH_REMATCH[3]}',
    `  set -- -c "\${BASH_REMATCH[1]}${change}\${BASH_REMATCH[4]}" "\${@:3}"`,
    'fi',
    '# As sh it counts as the standard says.',
    'exec -a sh /bin/bash "$@"',
  ].join('\n');
  const path = realpathSync('/bin/sh');
  return { files: { [path]: `${script}\n` }, modes: { [path]: 0o755 } };
}

describe('a sandbox whose limits are not in force', () => {
  before(async function () {
    await skipWithoutStage(this);
    if (realpathSync('/bin/sh') === realpathSync('/bin/bash')) skipBecause(this, 'the shell of this system is bash');
  });

  it('is made where the shell does as it is told', async () => {
    assert.deepEqual(await attempt('create', shellThat('-n', 'ulimit -n $n')), { ready: true, left: 0 });
  });

  const weaker: Readonly<Record<string, { option: string; name: string }>> = {
    'open files': { option: '-n', name: 'Max open files' },
    'the size of a file': { option: '-f', name: 'Max file size' },
    memory: { option: '-d', name: 'Max data size' },
    processes: { option: '-u', name: 'Max processes' },
  };
  for (const [what, { option, name }] of Object.entries(weaker)) {
    it(`is not started where the shell sets a weaker limit of ${what} and goes on`, async () => {
      const answer = await attempt('create', shellThat(option, `ulimit ${option} $((n + 2))`));
      assert.ok(!answer.ready, 'it is refused');
      assert.equal(answer.left, 0);
      assert.match(
        answer.problem.detail,
        new RegExp(`did not set a limit \\(supervisor: limit not in force: ${name}\\)`),
      );
    });
  }

  it('is not started where the shell cannot set one', async () => {
    const answer = await attempt('create', shellThat('-n', 'ulimit -n lots'));
    assert.ok(!answer.ready, 'it is refused');
    assert.equal(answer.left, 0);
    assert.match(answer.problem.detail, /^The sandbox could not be started: /);
  });
});
