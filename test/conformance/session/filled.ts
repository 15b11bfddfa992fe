import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostile, openHostile, type Provider, type Sandbox } from '../../../src/core/sandbox.ts';
import { Gesture } from '../../../src/core/gesture.ts';
import { type Harness, skipUnlessAvailable } from '../harness.ts';
import { Desk, plan } from './desk.ts';

const size = 1_000_000;

/** Counts the bytes that its sandboxes hand over. */
function counting(provider: Provider): { readonly provider: Provider; readonly bytes: () => number } {
  let bytes = 0;
  const counted = (sandbox: Sandbox): Sandbox => {
    const download = sandbox.download.bind(sandbox);
    sandbox.download = async (request, options) => {
      const stream = await download(request, options);
      async function* each(): AsyncGenerator<Uint8Array> {
        for await (const chunk of openHostile(stream.bytes)) {
          bytes += chunk.length;
          yield chunk;
        }
      }
      return { ...stream, bytes: hostile(each()) };
    };
    return sandbox;
  };
  const create: Provider['create'] = async (...asked) => {
    const created = await provider.create(...asked);
    return created.kind === 'ready' ? { ...created, sandbox: counted(created.sandbox) } : created;
  };
  return { provider: { ...provider, create }, bytes: () => bytes };
}

/** What goes in once does not come back for nothing. */
export function describeFilled(name: string, harness: Harness): void {
  describe(`a sandbox that was just filled: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;
    before(async function () {
      await skipUnlessAvailable(this, harness);
      desk = await Desk.open(harness);
    });
    after(async () => await desk.close());

    it('hands back none of its bytes before anything ran in it, and all that changed afterwards', async () => {
      writeFileSync(join(desk.project, 'recording.bin'), randomBytes(size));
      let handedOver = () => 0;
      const faulty = (provider: Provider) => {
        const counted = counting(provider);
        handedOver = counted.bytes;
        return counted.provider;
      };
      const { session } = await desk.start({ faulty });
      assert.equal(await session.planPush(plan), undefined);
      assert.ok(handedOver() > 0 && handedOver() < size / 10, `${handedOver()} bytes`);
      await desk.inside(session, "printf 'changed\\n' >recording.bin");
      const set = await session.refreshChanges(plan.signal);
      assert.deepEqual(
        set?.changes.map(({ path }) => path),
        ['recording.bin'],
      );
      await session.delete(new Gesture('delete-session', session.id));
    });
  });
}
