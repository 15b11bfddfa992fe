import { copyFile, rm, writeFile } from 'node:fs/promises';
import { editorServer, isEditorServerHere } from '../commands/fetched.mjs';
import { withLock } from '../commands/lock.mjs';
import { installApart, npm } from '../commands/npm.mjs';
import { ensureNode24 } from '../commands/runtime.mjs';

const { pinned, folder, mark } = editorServer;
const server = `${folder}/node_modules/code-server`;
const inner = `${server}/lib/vscode`;

/** Heavy dependencies of built-in features that nothing here uses. */
const unneeded = ['@github/copilot-sdk', '@microsoft/mxc-sdk', '@devcontainers/cli'];

/** A VS Code that runs as a server, with the programs that start it. */
export interface Editor {
  /** The Node that runs both. */
  readonly node: string;
  /** VS Code's own server: integration tests, installing extensions. */
  readonly server: string;
  /** code-server's wrapper around it: what a person opens, with `/proxy/<port>/`. */
  readonly wrapper: string;
}

/**
 * The editor from npm, fetched once. Nothing is compiled: two small stand-ins take the place of the compiled modules that
 * matter, the other ones are not missed.
 */
export async function ensureEditor(): Promise<Editor> {
  const node = await ensureNode24();
  if (!isEditorServerHere()) {
    await withLock('editor', async () => {
      if (!isEditorServerHere()) await install();
    });
  }
  await putStandIns();
  return { node, server: `${inner}/out/server-main.js`, wrapper: `${server}/out/node/entry.js` };
}

async function install(): Promise<void> {
  console.log(`Fetching VS Code as a server (${pinned} from npm, about 130 MB to fetch, 420 MB on disk) ...`);
  await rm(folder, { recursive: true, force: true });
  await installApart(folder, [pinned]);
  await npm(['pkg', 'delete', ...unneeded.map((name) => `dependencies.${name}`)], inner);
  console.log('Fetching what VS Code itself needs ...');
  await npm(['install', '--omit=dev'], inner);
  await npm(['install', '--omit=dev'], `${inner}/extensions`);
  await writeFile(mark, pinned);
}

async function putStandIns(): Promise<void> {
  for (const name of ['native-watchdog', 'spdlog']) {
    await copyFile(`${import.meta.dirname}/stand-ins/${name}.cjs`, `${inner}/node_modules/@vscode/${name}/index.js`);
  }
}
