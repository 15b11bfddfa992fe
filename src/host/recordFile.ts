import { open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from './atomicFile.ts';
import { isAbsent, onStorage, storageFailure } from './diskErrors.ts';
import { pacer } from './pacer.ts';

const newline = 0x0a;
const crcDigits = 8;

interface Waiting {
  readonly line: Buffer;
  readonly durable: boolean;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * An append-only file of JSON values: one line each, its CRC-32 first (`9ae0daaf {"k":…}`). What was torn by a crash
 * fails its CRC and is passed over; nothing in the file is ever changed or cut, so a reader beside the writer is safe.
 */
export class RecordFile {
  readonly #path: string;
  #endsOpen: boolean;
  #file: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  private constructor(path: string, endsOpen: boolean) {
    this.#path = path;
    this.#endsOpen = endsOpen;
  }

  /** Opens a file, which need not exist, and reads all whole records in order. `torn` counts lines passed over. */
  static async open(path: string): Promise<{ file: RecordFile; records: readonly unknown[]; torn: number }> {
    const bytes = await onStorage(`read ${path}`, () => readOrEmpty(path));
    const { records, torn } = await parseRecords(bytes);
    const endsOpen = bytes.length > 0 && bytes.at(-1) !== newline;
    return { file: new RecordFile(path, endsOpen), records, torn };
  }

  /**
   * Appends in call order; resolves when the record is in the file, with `durable` when it also survives a power cut.
   * Calls that come in while a write is under way share the next one.
   */
  append(value: unknown, durable: boolean): Promise<void> {
    if (this.#closed) return Promise.reject(storageFailure(`write ${this.#path}`, new Error('it was closed')));
    return new Promise((done, failed) => {
      this.#waiting.push({ line: recordLine(value), durable, done, failed });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Waits for what was appended, then closes. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.rest();
  }

  /** Waits for what was appended and lets go of the file until the next append. */
  async rest(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #writeAll(): Promise<void> {
    // Appends of the same turn of the event loop come along in one write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#write(batch);
        for (const { done } of batch) done();
      } catch (caught) {
        const error = storageFailure(`write ${this.#path}`, caught);
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    this.#file ??= await openForAppend(this.#path);
    const lines = batch.map(({ line }) => line);
    const bytes = Buffer.concat(this.#endsOpen ? [Buffer.of(newline), ...lines] : lines);
    // Until the whole write is confirmed its end may be torn: the next one then begins on a line of its own.
    this.#endsOpen = true;
    await this.#file.appendFile(bytes);
    this.#endsOpen = false;
    if (batch.some(({ durable }) => durable)) await this.#file.datasync();
  }
}

async function openForAppend(path: string): Promise<FileHandle> {
  const file = await open(path, 'a', 0o600);
  await syncFolder(dirname(path));
  return file;
}

async function readOrEmpty(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return Buffer.alloc(0);
    throw error;
  }
}

function recordLine(value: unknown): Buffer {
  const json = JSON.stringify(value);
  return Buffer.from(`${crcOf(Buffer.from(json))} ${json}\n`);
}

function crcOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(crcDigits, '0');
}

async function parseRecords(bytes: Buffer): Promise<{ records: unknown[]; torn: number }> {
  const records: unknown[] = [];
  const breathe = pacer();
  let torn = 0;
  for (let start = 0; start < bytes.length;) {
    const cut = bytes.indexOf(newline, start);
    const end = cut < 0 ? bytes.length : cut;
    const record = parseRecord(bytes.subarray(start, end));
    if (record !== undefined) records.push(record.value);
    else if (end > start) torn += 1;
    start = end + 1;
    await breathe();
  }
  return { records, torn };
}

function parseRecord(line: Buffer): { value: unknown } | undefined {
  const json = line.subarray(crcDigits + 1);
  if (json.length === 0 || line.toString('latin1', 0, crcDigits + 1) !== `${crcOf(json)} `) return undefined;
  try {
    return { value: JSON.parse(json.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}
