import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Coding, encodeFrame, type Frame, FrameReader } from '../../../../src/sandbox/relay/mux/frames.ts';
import { greeting, Hello, probeBytes } from '../../../../src/sandbox/relay/mux/handshake.ts';
import { LogReader, type LogRecord } from '../../../../src/sandbox/relay/job/log.ts';
import { record } from '../../../../src/sandbox/relay/job/records.ts';
import type { Listener } from '../../../../src/core/sandbox.ts';
import { ListenerLines } from '../../../../src/sandbox/relay/listeners.ts';
import { settingsSchema } from '../../../../src/sandbox/celesto/settings.ts';
import { type Mark, MarkReader } from '../../../../src/sandbox/celesto/terminal/marks.ts';

/** Cuts bytes at any places. */
function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const anyCuts = fc.array(fc.nat(), { maxLength: 10 });

describe('frames over a terminal', () => {
  for (const coding of ['raw', 'b64'] as const satisfies readonly Coding[]) {
    it(`are read as they were written, wherever they are cut (${coding})`, () => {
      const shape = fc.record({
        type: fc.constantFrom('d', 'o', 'x'),
        channel: fc.nat(0xffffffff),
        bytes: fc.uint8Array({ maxLength: 300 }),
      });
      fc.assert(
        fc.property(fc.array(shape, { maxLength: 8 }), anyCuts, (frames, cuts) => {
          const read: Frame[] = [];
          const reader = new FrameReader((frame) => read.push(frame));
          reader.coding = coding;
          const all = Buffer.concat(
            frames.map(({ type, channel, bytes }) => encodeFrame(coding, type, channel, bytes)),
          );
          for (const piece of cutAt(all, cuts)) reader.push(piece);
          const plain = (list: readonly Frame[]) =>
            list.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('hex') }));
          assert.deepEqual(plain(read), plain(frames));
        }),
      );
    });

    it(`are refused when a byte of them changed (${coding})`, () => {
      const good = Buffer.from(encodeFrame(coding, 'd', 7, Buffer.from('hello world')));
      good[coding === 'raw' ? 20 : 24] = (good[coding === 'raw' ? 20 : 24] ?? 0) ^ 1;
      const reader = new FrameReader(() => assert.fail('it was damaged'));
      reader.coding = coding;
      assert.throws(() => reader.push(good), /damaged/);
    });
  }

  it('begin behind whatever a shell says, and the probe tells whether the way is exact', () => {
    const said = (probe: Uint8Array) =>
      Buffer.concat([
        Buffer.from('motd\r\n$ exec perl mux one\r\n\nAIRLOCK-MUX one\n'),
        probe,
        Buffer.from('\nAIRLOCK-PROBED\nrest'),
      ]);
    const asText = Buffer.from(Buffer.from(probeBytes()).toString('utf8'));
    for (const [probe, coding] of [
      [probeBytes(), 'raw'],
      [asText, 'b64'],
      [probeBytes().filter((byte) => byte !== 13), 'b64'],
    ] as const) {
      const hello = new Hello('one');
      const pieces = cutAt(said(probe), [3, 40, 41, 300]);
      const heard = pieces.map((piece) => hello.push(piece)).find((one) => one !== undefined);
      assert.equal(heard?.coding, coding);
      assert.equal(Buffer.from(heard.rest).toString(), 'rest');
    }
    assert.ok(Buffer.from(greeting('b64')).toString('latin1').startsWith('b64\n'));
    const endless = new Hello('one');
    assert.throws(() => {
      for (let at = 0; at < 100; at += 1) endless.push(Buffer.alloc(65_536, 'x'));
    }, /does not come to an end/);
  });
});

describe("a job's log", () => {
  const log = Buffer.concat([
    record('S'),
    record('o', 'one'),
    record('e', 'two'),
    record('i', '12'),
    record('i', '15 closed'),
    record('x', 'exited 3'),
  ]);
  const whole: LogRecord[] = [
    { kind: 'started' },
    { kind: 'output', fd: 1, bytes: Buffer.from('one') },
    { kind: 'output', fd: 2, bytes: Buffer.from('two') },
    { kind: 'input', taken: 12, closed: false },
    { kind: 'input', taken: 15, closed: true },
    { kind: 'ended', end: { kind: 'exited', code: 3 } },
  ];

  it('is read once and whole, in pieces that come twice or overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(log.length), fc.nat(20)), { maxLength: 30 }), (jumps) => {
        const read: LogRecord[] = [];
        const ends: number[] = [];
        const reader = new LogReader((told, end) => {
          read.push(told);
          ends.push(end);
        });
        reader.beginAt(0);
        for (const [from, length] of jumps) {
          const at = Math.min(from, reader.wanted);
          reader.take(at, log.subarray(at, at + length));
        }
        reader.take(reader.wanted, log.subarray(reader.wanted));
        assert.deepEqual(read, whole);
        assert.equal(ends.at(-1), log.length);
      }),
    );
  });

  it('with a gap is no log', () => {
    const reader = new LogReader(() => undefined);
    reader.take(0, log.subarray(0, 5));
    assert.throws(() => reader.take(9, log.subarray(9)), /lost/);
  });

  it('is refused for what it must not hold', () => {
    for (const bad of [
      record('?', 'x'),
      record('x', 'exited 1000000'),
      record('x', 'hello'),
      record('i', '-1'),
      Buffer.from('o\xff\xff\xff\xff', 'latin1'),
    ]) {
      const reader = new LogReader(() => undefined);
      assert.throws(() => reader.take(0, bad), /cannot be read/);
    }
  });

  it('tells every end', () => {
    const endOf = (text: string) => {
      const read: LogRecord[] = [];
      new LogReader((told) => read.push(told)).take(0, record('x', text));
      return read[0]?.kind === 'ended' ? read[0].end : undefined;
    };
    assert.deepEqual(endOf('signaled 9'), { kind: 'signaled', signal: 'SIGKILL' });
    assert.deepEqual(endOf('stopped abort group'), { kind: 'stopped', by: 'abort', verified: true });
    assert.deepEqual(endOf('unverified deadline'), { kind: 'stopped', by: 'deadline', verified: false });
    assert.deepEqual(endOf('void'), { kind: 'void' });
    assert.deepEqual(endOf('refused No such\n\x1bfile'), { kind: 'refused', why: 'No such??file' });
  });
});

describe('the marks in a terminal', () => {
  it('are taken out wherever they are cut, and nothing else is', () => {
    const mark = (text: string) => `\x1b]8737;name;${text}\x07`;
    const text = `${mark('ask')}before${mark('up')}\x1b]0;title\x07\x1b[1mü\x1b]8737;other;up\x07${mark('exited 7')}after\x1b]87`;
    fc.assert(
      fc.property(anyCuts, (cuts) => {
        const marks: Mark[] = [];
        const shown: Uint8Array[] = [];
        const reader = new MarkReader(
          'name',
          (bytes) => shown.push(Buffer.from(bytes)),
          (one) => marks.push(one),
        );
        for (const piece of cutAt(Buffer.from(text), cuts)) reader.push(piece);
        reader.end();
        assert.deepEqual(marks, [{ kind: 'ask' }, { kind: 'up' }, { kind: 'ended', code: 7 }]);
        assert.equal(
          Buffer.concat(shown).toString(),
          'before\x1b]0;title\x07\x1b[1mü\x1b]8737;other;up\x07after\x1b]87',
        );
      }),
    );
  });

  it('of endless length are none', () => {
    const shown: Uint8Array[] = [];
    const reader = new MarkReader(
      'name',
      (bytes) => shown.push(bytes),
      () => assert.fail('no mark'),
    );
    reader.push(Buffer.from(`\x1b]8737;name;${'x'.repeat(2000)}`));
    assert.equal(Buffer.concat(shown).length, 2000);
  });
});

describe('what listens in a computer', () => {
  /** The lists in a text that comes in pieces of that many bytes, each list closed by an empty line. */
  const listsIn = (text: string, piece = text.length) => {
    const lists: (readonly Listener[])[] = [];
    const lines = new ListenerLines(() => lists.push(lines.take()));
    for (let at = 0; at < text.length; at += piece) lines.push(Buffer.from(text.slice(at, at + piece)));
    return lists;
  };

  it('is read from what the kernel tells', () => {
    const text = [
      'tcp 0100007F 8080 node',
      'tcp 00000000 22 sshd',
      'tcp6 00000000000000000000000001000000 3000 MainThread',
      'tcp6 0000000000000000FFFF00000100007F 3001 ',
      'tcp 0100007F 99999 x',
      'tcp zz 1 x',
      '\n',
    ].join('\n');
    const list = [
      { port: 22, address: '0.0.0.0', program: 'sshd' },
      { port: 3000, address: '::1', program: 'MainThread' },
      { port: 3001, address: '127.0.0.1' },
      { port: 8080, address: '127.0.0.1', program: 'node' },
    ];
    assert.deepEqual(listsIn(`${text}${text}\n`, 7), [list, list, []]);
    const many = Array.from({ length: 1000 }, (_, at) => `tcp 0100007F ${at + 1} x\n`).join('');
    assert.equal(listsIn(`${many}\n`)[0]?.length, 256);
  });

  it('is read a line at a time, however much comes in however small pieces', () => {
    const junk = `${'x'.repeat(100_000)}\n${'ABC\n'.repeat(200_000)}`;
    const [list] = listsIn(`tcp 0100007F 80 one\n${junk}tcp 0100007F 81 two\n\n`, 3);
    assert.deepEqual(
      list?.map(({ port }) => port),
      [80, 81],
    );
  });
});

describe('settings of hosted computers', () => {
  it('are small by default and bounded', () => {
    assert.deepEqual(settingsSchema.parse({}), {
      cpus: 1,
      memory: 1024,
      image: 'ubuntu-desktop-24.04',
      template: '',
      diskSize: null,
      networkPolicy: 'open',
    });
    const wrong = [
      { cpus: 0 },
      { cpus: 17 },
      { cpus: 1.5 },
      { memory: 511 },
      { memory: 32_769 },
      { diskSize: 511 },
      { diskSize: 20_481 },
      { image: '' },
      { networkPolicy: 'some' },
      { computerId: '' },
      { idleMinutes: -1 },
    ];
    for (const one of wrong) assert.equal(settingsSchema.safeParse(one).success, false, JSON.stringify(one));
  });
});
