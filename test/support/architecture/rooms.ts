/** A room: a part of `src` with its own rights. `root` is the files beside the folders, the composition roots. */
export type Room =
  'root' | 'ui' | 'agent' | 'host' | 'sandbox' | 'inside' | 'keeper' | 'wire' | 'core' | 'shared' | 'webview';

/** Folders of `src/sandbox` that all providers may use; every other folder there is one provider's. */
const commonOfProviders = ['bulk', 'egress', 'forward', 'common', 'relay'];

const patterns: readonly (readonly [RegExp, Room])[] = [
  [/^src\/[^/]+$/, 'root'],
  [/^src\/sandbox\/process\/inside\//, 'inside'],
  [/^src\/sandbox\/process\/keeper\//, 'keeper'],
  [/^src\/sandbox\/process\/wire[./-]/, 'wire'],
  [/^src\/(ui|agent|host|sandbox|core|shared|webview)\//, 'ui'],
];

/** The room of a file, or undefined where the file lies in none. */
export function roomOf(path: string): Room | undefined {
  for (const [pattern, room] of patterns) {
    const match = pattern.exec(path);
    if (match !== null) return (match[1] as Room | undefined) ?? room;
  }
  return undefined;
}

/** The provider whose folder a file lies in. */
export function providerOf(path: string): string | undefined {
  const folder = /^src\/sandbox\/([^/]+)\//.exec(path)?.[1];
  return folder === undefined || commonOfProviders.includes(folder) ? undefined : folder;
}

/** The arrows: which rooms a room may import, besides itself. */
export const mayImport: Readonly<Record<Room, readonly Room[]>> = {
  root: ['ui', 'agent', 'sandbox', 'host', 'core', 'shared'],
  ui: ['core', 'shared'],
  agent: ['core', 'shared'],
  host: ['core', 'shared'],
  sandbox: ['wire', 'core', 'shared'],
  inside: ['wire'],
  keeper: ['wire'],
  wire: [],
  core: ['shared'],
  shared: [],
  webview: ['shared'],
};

const pureNode = ['path', 'stream', 'crypto', 'zlib', 'buffer', 'events', 'util', 'string_decoder', 'timers'];
const programs = ['child_process', 'cluster', 'execa'];
const machine = ['fs', 'net', 'http', 'https', 'http2', 'tls', 'dgram', 'dns', 'worker_threads', 'undici', ...programs];
const sdk = ['@openai', 'openai'];
const onlyNode = { node: true } as const;

/** Modules a room may use (`only`) or may not (`never`); a name stands for its subpaths too. */
export const modules: Readonly<
  Record<Room, { readonly only: readonly string[] } | { readonly never: readonly string[] } | { readonly node: true }>
> = {
  root: { never: ['vscode', ...sdk, ...machine] },
  ui: { never: [...sdk, ...machine] },
  agent: { never: ['vscode', ...machine] },
  host: { never: ['vscode', ...sdk] },
  sandbox: { never: ['vscode', ...sdk, ...programs] },
  inside: onlyNode,
  keeper: onlyNode,
  wire: onlyNode,
  core: { only: [...pureNode, 'tar-stream', 'ignore', 'node-diff3', 'ipaddr.js', 'zod'] },
  shared: { only: ['zod'] },
  webview: { only: ['markdown-it', 'dompurify', '@vscode/codicons', 'zod'] },
};

/** The one file of a room with more rights than its room has: the door through which programs start. */
export const startsPrograms = 'src/host/spawn.ts';
export const programModules: readonly string[] = programs;
