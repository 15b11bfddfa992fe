import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Gesture } from '../../../src/core/gesture.ts';
import type { Forwarded } from '../../../src/core/ports/forwarding.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { rounds, shellCall } from '../../support/model/script.ts';
import { cookieFor } from '../../support/ports/browser.ts';
import { isRefused } from '../../support/ports/refused.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { type Harness, skipUnlessAvailable } from '../harness.ts';
import { Desk } from './desk.ts';

const port = 3210;
const server = `
require('node:http').createServer((_, answer) => answer.end('from inside')).listen(${port}, '127.0.0.1');
`;
const script = rounds(
  { calls: [shellCall('node serve.cjs', { yield_time_ms: 1500 })] },
  { text: 'The server runs in the background.' },
);

/** The ports of a session from the server's start to the session's end, over a closed window and a stop. */
export function describeSessionPorts(name: string, harness: Harness): void {
  describe(`the ports of a session: ${name}`, function () {
    this.timeout(240_000);
    let desk: Desk;
    let session: Session;
    before(async function () {
      await skipUnlessAvailable(this, harness);
      desk = await Desk.open(harness, script);
      await desk.write('serve.cjs', server);
      ({ session } = await desk.start());
    });
    after(async () => await desk.close());

    const isHeard = () => session.ports.rows().some((row) => row.port === port && row.isListening) || undefined;

    it('are noticed while the agent works, reached, and closed with the window', async () => {
      const noticed: number[] = [];
      session.ports.onDidNotice((apps) => noticed.push(...apps.map((app) => app.port)));
      const end = await session.send(desk.turn('Serve it.'), undefined);
      assert.equal(end.how, 'done', JSON.stringify(end));
      await eventually(() => Promise.resolve(isHeard()), 'the row');
      await eventually(() => Promise.resolve(noticed.length > 0 || undefined), 'the notice');
      assert.deepEqual(noticed, [port]);
      const forwarded = await session.ports.forward(port);
      await session.ports.setLabel(port, 'Inside');
      assert.equal(await read(forwarded), 'from inside');
      await session.detach();
      assert.equal(await isRefused(forwarded.localPort), true);
      await assert.rejects(session.ports.forward(port));
    });

    it('are there again in the next window, at the same local port', async () => {
      const before = session.id;
      const { sessions, folder } = await desk.window();
      session = await sessions.open(before, folder);
      const row = await eventually(
        () => Promise.resolve(session.ports.rows().find(({ local }) => local !== undefined)),
        'the forward',
      );
      assert.equal(row.label, 'Inside');
      const forwarded = await session.ports.forward(port);
      assert.equal(forwarded.localPort, row.local?.localPort);
      assert.equal(await read(forwarded), 'from inside');
    });

    it('close with the sandbox, come back with it, and end with the session', async () => {
      const forwarded = await session.ports.forward(port);
      await session.stopSandbox();
      await eventually(() => isRefused(forwarded.localPort), 'the end of the listener');
      await session.restart(() => undefined, new AbortController().signal);
      await eventually(
        async () => ((await isRefused(forwarded.localPort)) === true ? undefined : true),
        'the listener again',
      );
      await session.delete(new Gesture('delete-session', session.id));
      assert.equal(await isRefused(forwarded.localPort), true);
    });
  });
}

async function read(forwarded: Forwarded): Promise<string> {
  const headers = { host: forwarded.authority, cookie: await cookieFor(forwarded) };
  const asked = get({ host: '127.0.0.1', port: forwarded.localPort, headers, agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const bytes of answer) text += String(bytes);
  return text;
}
