import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes that many small text files of `size` bytes each, no two alike, into 50 folders below `folder`. */
export async function manyFiles(folder: string, count: number, size = 4500): Promise<void> {
  const bytes = Buffer.alloc(size, 'line of text\n');
  for (let index = 0; index < count; index += 1) {
    const below = join(folder, `part${index % 50}`);
    if (index < 50) await mkdir(below, { recursive: true });
    bytes.write(`${index}\n`.padStart(12));
    await writeFile(join(below, `file${index}.txt`), bytes);
  }
}
