import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { AirlockError, type ErrorId } from '../../src/core/problem.ts';
import type { Pipe, Sandbox } from '../../src/core/sandbox.ts';
import { Api } from '../../src/sandbox/celesto/api/client.ts';
import { common } from '../../src/sandbox/celesto/direct/inside/shell.ts';
import type { Word } from '../../src/sandbox/celesto/direct/lines.ts';
import { Talk } from '../../src/sandbox/celesto/direct/talk.ts';
import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { skipBecause } from '../support/commands/results.ts';
import { present } from '../support/present.ts';
import { carriers, hiddenNode, lacksCarrier, languages } from './celestoCarriers.ts';
import { CelestoDesk } from './celestoDesk.ts';
import { never } from './harness.ts';
import { request, Watched } from './running.ts';
import { echoServer, greetingServer } from './servers.ts';

const failsWith = (id: ErrorId) => (error: unknown) => error instanceof AirlockError && error.problem.id === id;

/** Ports of a computer whose program inside carries no connections: each has a terminal of its own. */
describe('ports of a hosted computer over terminals of their own', function () {
  this.timeout(120_000);
  let desk: CelestoDesk | undefined;
  let sandbox: Sandbox | undefined;
  const open = async (options: CelestoDoubleOptions) => {
    desk = await CelestoDesk.open(options);
    sandbox = await desk.sandbox();
  };
  const close = async () => {
    await desk?.close();
    desk = sandbox = undefined;
  };
  const there = () => present(sandbox);
  const serve = async (program: string, address = '127.0.0.1') => {
    const watched = new Watched(there().exec(request(there(), [hiddenNode, '-e', program, address])));
    await watched.saw('\n');
    return Number(/up (\d+)/.exec(watched.text)?.[1]);
  };
  const dial = (port: number, signal = never): Promise<Pipe> => there().dial(port, signal);
  const all = async (pipe: Pipe) => {
    const parts: Uint8Array[] = [];
    for await (const bytes of pipe.read) parts.push(bytes);
    return Buffer.concat(parts);
  };
  const nothingIsLeft = () => present(desk).nothingOfTerminals(there());

  /** A script that hears nothing of a connection which stays open. */
  const unheard = async () => {
    const { double, wire } = present(desk);
    const parts = {
      origin: double.url,
      key: () => Promise.resolve(double.apiKey),
      dispatcher: wire.agent,
      log: () => undefined,
    };
    const computer = present(double.computers()[0]).id;
    const waits = `patience=2\n${common}\nsay o\nwhile heard; do :; done`;
    const heard: string[] = [];
    await new Promise<void>((resolve) => {
      const end = () => Promise.reject(new Error('It was to end by itself.'));
      const events = {
        word: ({ word }: Word) => void heard.push(word),
        data: () => undefined,
        closed: () => resolve(),
      };
      new Talk({ ...parts, api: new Api(parts), computer, endMarked: end }, { text: waits, seconds: 1 }, events);
    });
    assert.deepEqual(heard, ['o']);
    await nothingIsLeft();
  };

  for (const carrier of carriers) {
    describe(`by ${carrier.name}`, () => {
      before(async function () {
        const reason = await lacksCarrier(carrier);
        if (reason !== undefined) skipBecause(this, reason);
        await open(carrier.options);
      });
      after(close);

      it('carries every byte both ways, and each end of them', async () => {
        const pipe = await dial(await serve(echoServer));
        const sent = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, at) => at)), randomBytes(1_000_000)]);
        const [back] = await Promise.all([all(pipe), pipe.write(sent).then(() => pipe.end())]);
        assert.equal(back.equals(sent), true, `${back.length} of ${sent.length} bytes`);
        pipe.destroy();
        await nothingIsLeft();
      });

      it('tells that the server has ended, and takes no harm from what is written then', async () => {
        const pipe = await dial(await serve(greetingServer));
        assert.equal(String(await all(pipe)), 'hello');
        await pipe.write(Buffer.from('too late'));
        await pipe.end();
        pipe.destroy();
        await nothingIsLeft();
      });

      it('says where nothing listens', async () => {
        await assert.rejects(dial(1), failsWith('not-found'));
        await nothingIsLeft();
      });

      it('is given up and dropped at any time, and leaves nothing inside', async () => {
        const port = await serve(echoServer);
        for (const afterMs of [0, 20, 80]) {
          const controller = new AbortController();
          setTimeout(() => controller.abort(), afterMs);
          await dial(port, controller.signal).then(
            (pipe) => pipe.destroy(),
            (error: unknown) => assert.equal(failsWith('aborted')(error), true),
          );
        }
        const pipe = await dial(port);
        const reading = all(pipe);
        const writing = pipe.write(randomBytes(3_000_000));
        pipe.destroy();
        await Promise.all([reading, writing]);
        await nothingIsLeft();
      });
    });
  }

  describe('on bad ways', () => {
    before(() =>
      open({ lacks: [...languages, 'node'], tools: 'busybox', terminalFrames: 'text', terminalFrameBytes: 7 }),
    );
    after(close);

    it('carries bytes over a gateway that gives text in tiny frames', async () => {
      const pipe = await dial(await serve(echoServer, '::1'));
      const sent = randomBytes(30_000);
      const [back] = await Promise.all([all(pipe), pipe.write(sent).then(() => pipe.end())]);
      assert.equal(back.equals(sent), true);
      pipe.destroy();
    });

    it('says that the connection broke, and leaves nothing inside', async () => {
      const pipe = await dial(await serve(echoServer));
      await pipe.write(Buffer.from('before'));
      let text = '';
      const reading = async () => {
        for await (const bytes of pipe.read) {
          text += Buffer.from(bytes).toString();
          if (text === 'before') assert.ok(present(desk).wire.cut() > 0);
        }
      };
      await assert.rejects(reading(), failsWith('sandbox-lost'));
      assert.equal(text, 'before');
      await pipe.write(Buffer.from('after'));
      await nothingIsLeft();
    });

    it('ends by itself where a shell of busybox hears nothing', unheard);

    it('looks at what listens as long as somebody does', async () => {
      const port = await serve(echoServer);
      const controller = new AbortController();
      for await (const list of there().listeners(controller.signal)) {
        const found = list.find((listener) => listener.port === port);
        if (found === undefined) continue;
        assert.equal(found.address, '127.0.0.1');
        assert.match(present(found.program), /node|MainThread/);
        controller.abort();
      }
      await nothingIsLeft();
    });
  });

  it("ends by itself where the system's own shell hears nothing", async () => {
    await open({ lacks: languages });
    await unheard();
    await close();
  });

  it('says what to install where there is nothing to reach them by', async () => {
    await open({ lacks: [...languages, 'node', 'socat', 'nc', 'ncat', 'netcat'] });
    await assert.rejects(dial(8080), /install node, socat or nc inside/);
    await nothingIsLeft();
    await close();
  });

  it('says that there is no terminal to reach them over', async () => {
    await open({ lacks: [...languages, 'node'], faults: [{ kind: '501', at: 1, match: '/terminals' }] });
    await assert.rejects(dial(8080), /offers no terminal/);
    await close();
  });
});
