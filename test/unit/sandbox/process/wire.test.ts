import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  FrameReader,
  LineReader,
  frame,
  frameHeader,
  jsonFrame,
  maxFrameBytes,
} from '../../../../src/sandbox/process/wire.ts';

type Seen = { kind: number; text: string };

function readAll(chunks: readonly Uint8Array[]): Seen[] {
  const seen: Seen[] = [];
  const reader = new FrameReader({
    data: (kind, bytes) => seen.push({ kind, text: Buffer.from(bytes).toString('latin1') }),
    json: (kind, message) => seen.push({ kind, text: JSON.stringify(message) }),
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

describe('frames', () => {
  it('are the same however the bytes arrive', () => {
    const sent = Buffer.concat([
      frameHeader(frame.out, 3),
      Buffer.from('abc'),
      jsonFrame(frame.event, { event: 'exited', code: 3 }),
      frameHeader(frame.inputEnd, 0),
      frameHeader(frame.err, 2),
      Buffer.from('de'),
    ]);
    const joined = (seen: readonly Seen[]) => {
      const text = (kind: number) => seen.filter((one) => one.kind === kind).map((one) => one.text);
      return [text(frame.out).join(''), text(frame.event), text(frame.inputEnd), text(frame.err).join('')];
    };
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (sizes) => {
        assert.deepEqual(joined(readAll(cut(sent, sizes))), ['abc', ['{"event":"exited","code":3}'], [''], 'de']);
      }),
    );
  });

  it('refuse what no honest sender writes', () => {
    assert.throws(() => readAll([frameHeader(9, 1)]));
    assert.throws(() => readAll([frameHeader(0, 1)]));
    assert.throws(() => readAll([frameHeader(frame.out, maxFrameBytes + 1)]));
    assert.throws(() => readAll([frameHeader(frame.event, maxFrameBytes)]));
    assert.throws(() => readAll([frameHeader(frame.event, 2), Buffer.from('{]')]));
  });
});

describe('the first line', () => {
  it('is cut off wherever its pieces end, and leaves the rest', () => {
    const reader = new LineReader();
    assert.equal(reader.push(Buffer.from('{"a"')), undefined);
    const taken = reader.push(Buffer.from(':1}\nrest'));
    assert.deepEqual([taken?.line, Buffer.from(taken?.rest ?? []).toString()], ['{"a":1}', 'rest']);
  });

  it('may not be endless', () => {
    const reader = new LineReader(10);
    assert.throws(() => reader.push(Buffer.alloc(11)));
  });
});
