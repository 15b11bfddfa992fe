import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A wheel (PEP 427) of one module. */
export function wheelOf(name: string, version: string, source: string): { file: string; bytes: Buffer } {
  const info = `${name}-${version}.dist-info`;
  const files: Record<string, string> = {
    [`${name}.py`]: source,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const rows = Object.entries(files).map(([path, text]) => `${path},sha256=${hash(text)},${Buffer.byteLength(text)}`);
  files[`${info}/RECORD`] = [...rows, `${info}/RECORD,,`, ''].join('\n');
  return { file: `${name}-${version}-py3-none-any.whl`, bytes: zip(files) };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** A zip archive without compression (APPNOTE 4.3). */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)];
    // Version, flags, method, time, date, checksum, both sizes, length of the name, no extra field.
    const common = numbers(
      [20, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0x21, 2],
      [crc32(data), 4],
      [data.length, 4],
      [data.length, 4],
    );
    const lengths = numbers([name.length, 2], [0, 2]);
    const entry = Buffer.concat([numbers([0x04034b50, 4]), common, lengths, name, data]);
    const tail = numbers([0, 2], [0, 2], [0, 2], [0o644 << 16, 4], [at, 4]);
    central.push(Buffer.concat([numbers([0x02014b50, 4], [20, 2]), common, lengths, tail, name]));
    local.push(entry);
    at += entry.length;
  }
  const directory = Buffer.concat(central);
  const n = central.length;
  const end = numbers([0x06054b50, 4], [0, 2], [0, 2], [n, 2], [n, 2], [directory.length, 4], [at, 4], [0, 2]);
  return Buffer.concat([...local, directory, end]);
}

function numbers(...list: readonly (readonly [value: number, width: 2 | 4])[]): Buffer {
  return Buffer.concat(
    list.map(([value, width]) => {
      const bytes = Buffer.alloc(width);
      bytes.writeUIntLE(value >>> 0, 0, width);
      return bytes;
    }),
  );
}
