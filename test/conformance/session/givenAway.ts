import assert from 'node:assert/strict';
import { Gesture } from '../../../src/core/gesture.ts';
import type { Disposable, Session, SessionDelta, Sessions } from '../../../src/core/session/api.ts';
import type { Provider, Sandbox, Terminal } from '../../../src/core/sandbox.ts';
import type { Presence } from '../../../src/core/session/presence.ts';
import { parseId, type OpId } from '../../../src/shared/ids.ts';
import { demoFixed, demoFollowUp, demoPrompt } from '../../support/model/demoScript.ts';
import { replaced } from '../../support/replaced.ts';
import { type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { eventually } from '../running.ts';
import { Screen } from '../screen.ts';
import { Desk } from './desk.ts';

/** A window whose person comes and goes. */
class Person implements Presence {
  asked = 0;
  isThere = true;
  #comesBack: () => void = () => undefined;

  answers(): Promise<boolean> {
    this.asked += 1;
    return Promise.resolve(this.isThere);
  }

  back(): Promise<void> {
    return new Promise((resolve) => (this.#comesBack = resolve));
  }

  comeBack(): void {
    this.isThere = true;
    this.#comesBack();
  }
}

/** Resolves with what a session tells of that kind next. */
function told(session: Session, kind: SessionDelta['kind']): Promise<void> {
  return new Promise((resolve) => {
    const listening = session.onDidChange((delta) => {
      if (delta.kind !== kind) return;
      listening.dispose();
      resolve();
    });
  });
}

function opOf({ id = '' }: Terminal): OpId {
  return parseId('op', id) ?? assert.fail();
}

/** A kind of sandbox that was let go of, and says at times that it could not be. */
function leftWith(fails: () => boolean): (provider: Provider) => Provider {
  const detach = (sandbox: Sandbox) => async () => {
    await sandbox.detach();
    if (fails()) throw new Error('Its note could not be written.');
  };
  return (provider) => ({
    ...provider,
    create: async (...asked) => {
      const created = await provider.create(...asked);
      if (created.kind !== 'ready') return created;
      return { ...created, sandbox: replaced(created.sandbox, { detach: detach(created.sandbox) }) };
    },
  });
}

/** Two windows and one session: it stays where somebody is, and nothing is lost where it goes to the other. */
export function describeGivenAway(name: string, harness: Harness): void {
  describe(`a session of a window that another window asks for: ${name}`, function () {
    this.timeout(240_000);
    let desk: Desk;
    let person: Person;
    let session: Session;
    let sessions: Sessions;
    let detachFails: boolean;
    let asking: Disposable | undefined;

    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    beforeEach(async () => {
      desk = await Desk.open(harness);
      person = new Person();
      detachFails = false;
      ({ session, sessions } = await desk.start({ presence: person, faulty: leftWith(() => detachFails) }));
    });
    afterEach(async () => {
      asking?.dispose();
      await desk.close();
    });

    /** The same session as another window sees it, which has it in front of its person. */
    const another = async () => {
      const window = await desk.window();
      const open = () => window.sessions.open(session.id, window.folder);
      const seen = await open();
      asking = seen.ask?.();
      return { sessions: window.sessions, open, seen };
    };

    it('goes to it with sandbox and changes where nobody answers, and is watched by who comes back', async () => {
      await session.send(desk.turn(demoPrompt), undefined);
      const transcript = session.transcript();
      person.isThere = false;
      const other = await another();
      assert.equal(other.seen.summary().elsewhere, true);
      await eventually(() => Promise.resolve(!other.sessions.opened().includes(other.seen)));
      const taken = await other.open();
      assert.equal(taken.summary().elsewhere, false);
      assert.deepEqual(taken.transcript(), transcript);
      assert.deepEqual(
        taken.changes()?.changes.map(({ path }) => path),
        [demoFixed],
      );
      assert.equal((await taken.send(desk.turn(demoFollowUp), undefined)).how, 'done');

      await assert.rejects(session.refreshChanges(never), /closed in this window/);
      const back = told(session, 'given-away');
      person.comeBack();
      await back;
      const again = await sessions.open(session.id, session.folder);
      assert.equal(again.summary().elsewhere, true);
      await taken.delete(new Gesture('delete-session', taken.id));
      await desk.assertNothingLeft();
    });

    it('goes to it also where something of it could not be let go of', async () => {
      person.isThere = false;
      detachFails = true;
      const other = await another();
      await eventually(() => Promise.resolve(!other.sessions.opened().includes(other.seen)));
      const taken = await other.open();
      assert.equal(taken.summary().elsewhere, false);
      const back = told(session, 'given-away');
      person.comeBack();
      await back;
      assert.equal((await sessions.open(session.id, session.folder)).summary().elsewhere, true);
      await taken.delete(new Gesture('delete-session', taken.id));
      await desk.assertNothingLeft();
    });

    it('goes to it with its terminals, and none stays open where it was', async () => {
      const argv = ['sh', '-c', 'echo up; read x; echo "got $x"; sleep 60'];
      const terminal = await session.terminals.open({ cols: 80, rows: 24, argv }, never);
      const screen = new Screen(terminal);
      await screen.saw(/up/);
      const watched = new Screen(await session.terminals.join(opOf(terminal), never));
      person.isThere = false;
      const other = await another();
      assert.deepEqual(await terminal.ended, { kind: 'detached' });
      assert.deepEqual(await watched.terminal.ended, { kind: 'detached' });
      await eventually(() => Promise.resolve(!other.sessions.opened().includes(other.seen)));
      const taken = await other.open();
      assert.deepEqual(await taken.terminals.kept(never), [terminal.id]);
      const again = new Screen(await taken.terminals.join(opOf(terminal), never));
      await again.type('there\r');
      await again.saw(/got there/);
      await taken.delete(new Gesture('delete-session', taken.id));
      await desk.assertNothingLeft();
    });

    it('stays where somebody answers', async () => {
      const other = await another();
      await eventually(() => Promise.resolve(person.asked > 0));
      await session.send(desk.turn(demoPrompt), undefined);
      assert.ok(other.sessions.opened().includes(other.seen));
      await session.delete(new Gesture('delete-session', session.id));
    });

    it('stays where the other one has it in front of nobody', async () => {
      person.isThere = false;
      const other = await desk.window();
      const seen = await other.sessions.open(session.id, other.folder);
      await told(seen, 'summary');
      await session.refreshChanges(never);
      assert.equal(person.asked, 0);
      assert.ok(other.sessions.opened().includes(seen));
      await session.delete(new Gesture('delete-session', session.id));
    });

    it('stays while something is at work for who is gone', async () => {
      person.isThere = false;
      const turn = session.send(desk.turn(demoPrompt), undefined);
      await told(session, 'items');
      const other = await another();
      await told(other.seen, 'items');
      assert.equal((await turn).how, 'done');
      assert.equal(person.asked, 0);
      assert.ok(other.sessions.opened().includes(other.seen));
      await session.delete(new Gesture('delete-session', session.id));
    });
  });
}
