import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { BlobId } from '../../core/sync/types.ts';
import { pacer } from '../pacer.ts';
import { blobIdOf } from './hash.ts';

/** First bytes of a pack; the digit is the format's version. */
export const packMagic = Buffer.from('AIRPACK1');
const hashBytes = 32;
/** SHA-256 of the payload, its length, CRC-32 of these two. */
export const headerBytes = hashBytes + 4 + 4;
/** Larger blobs lie in files of their own. */
export const maxPackedBytes = 4 * 1024 * 1024;
const readBytes = 4 * 1024 * 1024;

/** Where a blob's payload lies in its pack. */
export interface PackEntry {
  readonly id: BlobId;
  readonly at: number;
  readonly size: number;
}

/** A record's header, to be followed by `payload`. */
export function packHeader(id: BlobId, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write(id, 0, 'hex');
  header.writeUInt32BE(payload.length, hashBytes);
  header.writeUInt32BE(crc32(header.subarray(0, hashBytes + 4)), hashBytes + 4);
  return header;
}

function readHeader(bytes: Buffer): { id: BlobId; size: number } | undefined {
  if (crc32(bytes.subarray(0, hashBytes + 4)) !== bytes.readUInt32BE(hashBytes + 4)) return undefined;
  const size = bytes.readUInt32BE(hashBytes);
  return size > maxPackedBytes ? undefined : { id: bytes.toString('hex', 0, hashBytes) as BlobId, size };
}

/**
 * Reads a pack from byte `from` and answers with every record whose payload matches its hash, up to the first that is
 * torn, and where that was. Only what was verified is ever known by the index.
 */
export async function scanPack(file: FileHandle, from: number): Promise<{ entries: PackEntry[]; end: number }> {
  const entries: PackEntry[] = [];
  const breathe = pacer();
  let end = from;
  if (from === 0) {
    const magic = Buffer.alloc(packMagic.length);
    const { bytesRead } = await file.read(magic, 0, magic.length, 0);
    if (bytesRead < magic.length || !magic.equals(packMagic)) return { entries, end: 0 };
    end = magic.length;
  }
  let window = Buffer.alloc(0);
  let start = end;
  const fill = async (wanted: number) => {
    const have = start + window.length - end;
    if (have >= wanted) return true;
    const more = Buffer.alloc(Math.max(readBytes, wanted - have));
    const { bytesRead } = await file.read(more, 0, more.length, end + have);
    window = Buffer.concat([window.subarray(end - start), more.subarray(0, bytesRead)]);
    start = end;
    return window.length >= wanted;
  };
  while (await fill(headerBytes)) {
    const header = readHeader(window.subarray(end - start, end - start + headerBytes));
    if (header === undefined || !(await fill(headerBytes + header.size))) break;
    const at = end - start + headerBytes;
    if (blobIdOf(window.subarray(at, at + header.size)) !== header.id) break;
    entries.push({ ...header, at: end + headerBytes });
    end += headerBytes + header.size;
    await breathe();
  }
  return { entries, end };
}

const indexMagic = Buffer.from('AIRINDX1');
const indexEntryBytes = hashBytes + 6 + 4;

/** The verified entries of a pack up to byte `end`, as a file beside it: a cache that saves the scan. */
export function writeIndex(entries: readonly PackEntry[], end: number): Buffer {
  const bytes = Buffer.alloc(indexMagic.length + 6 + entries.length * indexEntryBytes + 4);
  indexMagic.copy(bytes);
  bytes.writeUIntBE(end, indexMagic.length, 6);
  entries.forEach(({ id, at, size }, index) => {
    const offset = indexMagic.length + 6 + index * indexEntryBytes;
    bytes.write(id, offset, 'hex');
    bytes.writeUIntBE(at, offset + hashBytes, 6);
    bytes.writeUInt32BE(size, offset + hashBytes + 6);
  });
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

/** Reads an index back; undefined when it is torn, damaged or of another format. */
export function readIndex(bytes: Buffer): { entries: PackEntry[]; end: number } | undefined {
  const count = (bytes.length - indexMagic.length - 6 - 4) / indexEntryBytes;
  if (!Number.isInteger(count) || count < 0 || !bytes.subarray(0, indexMagic.length).equals(indexMagic))
    return undefined;
  if (crc32(bytes.subarray(0, -4)) !== bytes.readUInt32BE(bytes.length - 4)) return undefined;
  const entries = Array.from({ length: count }, (_, index) => {
    const offset = indexMagic.length + 6 + index * indexEntryBytes;
    return {
      id: bytes.toString('hex', offset, offset + hashBytes) as BlobId,
      at: bytes.readUIntBE(offset + hashBytes, 6),
      size: bytes.readUInt32BE(offset + hashBytes + 6),
    };
  });
  return { entries, end: bytes.readUIntBE(indexMagic.length, 6) };
}
