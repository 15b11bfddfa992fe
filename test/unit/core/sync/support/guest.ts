import { extract } from 'tar-stream';
import { guestPath, relPath, type RelPath } from '../../../../../src/core/paths.ts';
import type { Sandbox, Upload, UploadOptions } from '../../../../../src/core/sandbox.ts';
import { collect } from './memory.ts';

export interface Member {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly link?: string;
  readonly bytes: Uint8Array;
}

/** Reads a tar to its end with an independent reader. */
export async function membersOf(tar: Uint8Array): Promise<Member[]> {
  const members: Member[] = [];
  const reader = extract();
  const reading = (async () => {
    for await (const entry of reader) {
      const { name, type, mode, linkname } = entry.header;
      const bytes = await collect(entry as AsyncIterable<Uint8Array>);
      members.push({ name, type, mode, bytes, ...(type === 'symlink' ? { link: linkname } : {}) });
    }
  })();
  reader.write(tar);
  reader.end(null);
  await reading;
  return members;
}

/** The uploading half of a sandbox: keeps what arrived. */
export class UploadTarget {
  members: Member[] = [];
  deletions: readonly RelPath[] = [];
  mode: string | undefined;
  answer: Upload = { kind: 'committed' };

  readonly root = guestPath('/workspace/project');

  get sandbox(): Sandbox {
    const upload = async (tar: AsyncIterable<Uint8Array>, deletions: readonly RelPath[], options: UploadOptions) => {
      this.members = await membersOf(await collect(tar));
      this.deletions = deletions;
      this.mode = options.mode;
      return this.answer;
    };
    return { upload } as unknown as Sandbox;
  }

  get(path: string): Member | undefined {
    return this.members.find(({ name }) => relPath(name) === path);
  }
}
