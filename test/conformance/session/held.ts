import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Gesture } from '../../../src/core/gesture.ts';
import { guestPath } from '../../../src/core/paths.ts';
import { hostile, type BulkOptions, type Provider, type PullStream, type Sandbox } from '../../../src/core/sandbox.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { mintId } from '../../../src/shared/ids.ts';
import { demoFixed, demoPrompt } from '../../support/model/demoScript.ts';
import { replaced } from '../../support/replaced.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { Desk } from './desk.ts';

/** What a program inside does to the one that hands the files over. */
const ways: Readonly<Record<string, string>> = {
  'is stopped': 'kill -STOP $$',
  'has a supervisor that is stopped': 'kill -STOP 2; exec sleep $mark',
};

/** Hands nothing over when it is asked the next time: its program inside is stopped. */
class Holding {
  readonly #script: string;
  /** Seconds that nobody else sleeps. */
  readonly #mark = randomInt(100_000, 1_000_000_000);
  #wanted = false;
  #held: () => void = () => undefined;

  constructor(script: string) {
    this.#script = script;
  }

  readonly faulty = (provider: Provider): Provider => ({
    ...provider,
    create: async (...asked) => {
      const created = await provider.create(...asked);
      return created.kind === 'ready' ? { kind: 'ready', sandbox: this.#over(created.sandbox) } : created;
    },
  });

  /** Resolves when the next pull is held up. */
  next(): Promise<void> {
    this.#wanted = true;
    return new Promise((resolve) => (this.#held = resolve));
  }

  #over(sandbox: Sandbox): Sandbox {
    const download: Sandbox['download'] = async (request, options) => {
      if (!this.#wanted) return await sandbox.download(request, options);
      this.#wanted = false;
      return this.#stopped(sandbox, options);
    };
    return replaced(sandbox, { download });
  }

  #stopped(sandbox: Sandbox, { signal }: BulkOptions): PullStream {
    const script = this.#script.replace('$mark', String(this.#mark));
    const run = { shell: `echo up; ${script}` };
    const exec = sandbox.exec({ op: mintId('op'), run, cwd: guestPath('/'), signal, onLinkLoss: 'kill' });
    const held = this.#held;
    const fromOutside = script !== this.#script;
    async function* bytes(): AsyncGenerator<Uint8Array> {
      for await (const piece of exec.output) {
        if (!fromOutside) held();
        yield piece.bytes.subarray(0, 0);
      }
    }
    // A supervisor may be stopped before it passes a word on: what runs then is seen from outside.
    if (fromOutside) void eventually(() => seen(`sleep ${this.#mark}`), 'the stopped supervisor').then(held);
    return { bytes: hostile(bytes()), outcome: exec.outcome };
  }
}

/** True once a process of this machine has this command line. */
async function seen(line: string): Promise<true | undefined> {
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const told = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    if (told.replaceAll('\0', ' ').trim() === line) return true;
  }
  return undefined;
}

/** What runs inside cannot keep a person from stopping and deleting it, by stopping what hands its files over. */
export function describeHeld(name: string, harness: Harness, only: readonly string[] = Object.keys(ways)): void {
  for (const way of only) {
    describe(`a pull whose program ${way}: ${name}`, function () {
      this.timeout(240_000);
      let desk: Desk;
      const remove = async (session: Session) => await session.delete(new Gesture('delete-session', session.id));

      before(async function () {
        await skipUnlessAvailable(this, harness);
      });
      beforeEach(async () => {
        desk = await Desk.open(harness);
      });
      afterEach(async () => await desk.close());

      it('does not keep a session from being deleted', async () => {
        const holding = new Holding(ways[way] ?? '');
        const { session } = await desk.start({ faulty: holding.faulty });
        const held = holding.next();
        const looking = assert.rejects(session.refreshChanges(never));
        await held;
        await remove(session);
        await looking;
        const { ledger, provider } = await desk.window();
        const left = [await ledger.list(), await provider.inventory(never), await harness.leftRunning()];
        assert.deepEqual(left, [[], [], []]);
      });

      it('does not keep a sandbox from being stopped, and what it holds is taken in later', async () => {
        const holding = new Holding(ways[way] ?? '');
        const { session } = await desk.start({ faulty: holding.faulty });
        await desk.inside(session, "printf 'inside\\n' > made.txt");
        const held = holding.next();
        const looking = assert.rejects(session.refreshChanges(never));
        await held;
        await session.stopSandbox();
        await looking;
        assert.equal(session.summary().status, 'stopped');
        await session.restart(() => undefined, never);
        const set = await session.refreshChanges(never);
        assert.deepEqual(
          set?.changes.map(({ path }) => path),
          ['made.txt'],
        );
        await remove(session);
      });

      it('does not keep a turn from being over once it is stopped', async () => {
        const holding = new Holding(ways[way] ?? '');
        const { session } = await desk.start({ faulty: holding.faulty });
        const held = holding.next();
        const turn = session.send(desk.turn(demoPrompt), undefined);
        await held;
        await session.stopTurn();
        assert.equal((await turn).how, 'done');
        if (way.includes('supervisor')) {
          const isStopped = () => Promise.resolve(session.summary().status === 'stopped' || undefined);
          await eventually(isStopped, 'the end of the sandbox');
          await session.restart(() => undefined, never);
        }
        const set = await session.refreshChanges(never);
        assert.deepEqual(
          set?.changes.map(({ path }) => path),
          [demoFixed],
        );
        await remove(session);
      });
    });
  }
}
