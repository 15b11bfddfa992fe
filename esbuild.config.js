// @ts-check
// Bundles the extension (what a window starts with, and what comes later), the agent, the two programs of the built-in
// sandbox and the panel's page into dist/.
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { noticesFor } from './test/support/commands/notices.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));

const icons = 'node_modules/@vscode/codicons/dist';

/**
 * A window pays for every byte that its extension starts with, so what is imported when it is first asked for lies in
 * bundles of its own: the agent with its SDK, half of the code, the SSH library, and all the rest.
 *
 * @type {Set<string>} modules of the second, found while the extension is bundled
 */
const laterModules = new Set();

const laterApart = {
  name: 'later-apart',
  setup(/** @type {import('esbuild').PluginBuild} */ bundle) {
    bundle.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      if (path.endsWith('/agent/index.ts')) return { path: './agent.cjs', external: true };
      laterModules.add(resolve(resolveDir, path));
      return { path: './later.cjs', external: true };
    });
  },
};

/** The SSH library is loaded when a microVM is first entered. */
const sshApart = {
  name: 'ssh-apart',
  setup(/** @type {import('esbuild').PluginBuild} */ bundle) {
    bundle.onResolve({ filter: /^ssh2$/ }, () => ({ path: './ssh.cjs', external: true }));
  },
};

/** zod says what is wrong in fifty languages, and a bundler cannot tell that one is enough: half of its size. */
const english = {
  name: 'english',
  setup(/** @type {import('esbuild').PluginBuild} */ bundle) {
    bundle.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * undici as it is needed here. It brings many more doors than are gone through, and four builds of its HTTP parser where
 * one works everywhere. It also makes its own agent the one of the whole process, which is the editor's and other
 * extensions' too: ours are always handed over, so that is left out.
 */
const ownUndici = {
  name: 'own-undici',
  setup(/** @type {import('esbuild').PluginBuild} */ bundle) {
    const replace = (/** @type {RegExp} */ filter, /** @type {string} */ contents) =>
      bundle.onLoad({ filter }, () => ({ contents }));
    replace(
      /[\\/]undici[\\/]index\.js$/,
      `Object.assign(require('./lib/dispatcher/dispatcher').prototype, require('./lib/api'));
      exports.Dispatcher = require('./lib/dispatcher/dispatcher');
      exports.Agent = require('./lib/dispatcher/agent');
      exports.EnvHttpProxyAgent = require('./lib/dispatcher/env-http-proxy-agent');
      exports.WebSocket = require('./lib/web/websocket/websocket').WebSocket;`,
    );
    replace(
      /[\\/]undici[\\/]lib[\\/]global\.js$/,
      `exports.getGlobalDispatcher = () => { throw new Error('No dispatcher was handed over.'); };
      exports.installedExports = [];`,
    );
    replace(/[\\/]undici[\\/]lib[\\/]llhttp[\\/]llhttp_simd-wasm\.js$/, '');
  },
};

/** @type {import('esbuild').BuildOptions} */
const host = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  minify: true,
  // undici's own switch for being part of a bundle: without its second, experimental parser.
  define: { esbuildDetection: 'true' },
  // Classes are told apart by their names in the agents SDK, and in what an error says.
  keepNames: true,
  // The SSH library does without its parts in machine code where they are not there.
  external: ['vscode', 'cpu-features', '*.node'],
  // The extension host resolves require() calls only.
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  logLevel: 'warning',
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...host, entryPoints: ['src/extension.ts'], outfile: 'extension.cjs', plugins: [laterApart, english] },
  { ...host, entryPoints: ['src/agent/index.ts'], outfile: 'agent.cjs', plugins: [english] },
  {
    ...host,
    // Of the library, its client.
    stdin: { contents: "import Client from 'ssh2/lib/client.js'; export { Client };", resolveDir: root },
    outfile: 'ssh.cjs',
  },
  { ...host, entryPoints: ['src/sandbox/process/inside/main.ts'], outfile: 'supervisor.cjs' },
  { ...host, entryPoints: ['src/sandbox/process/keeper/main.ts'], outfile: 'keeper.cjs' },
  {
    absWorkingDir: root,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    entryPoints: ['src/webview/main.ts'],
    outfile: 'webview/main.js',
    plugins: [english],
  },
];

// Tests may be running on what was built before, so each file is replaced in one step and none is away in between.
const fresh = `${root}.vscode-test/build-${process.pid}`;
await mkdir(`${fresh}/webview`, { recursive: true });
try {
  /** @param {import('esbuild').BuildOptions} options */
  const make = (options) => build({ ...options, outfile: `${fresh}/${options.outfile}`, metafile: true });
  const built = await Promise.all(bundles.map(make));
  built.push(await make(later()));
  for (const name of ['codicon.css', 'codicon.ttf']) {
    await copyFile(`${root}${icons}/${name}`, `${fresh}/webview/${name}`);
  }
  const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  await writeFile(`${fresh}/THIRD-PARTY-NOTICES.txt`, await noticesFor([...inputs, `${icons}/codicon.css`]));
  await replaceFiles(fresh, `${root}dist`);
} catch (error) {
  // esbuild has said itself what is wrong with the sources.
  if (!(error instanceof Error && 'errors' in error)) console.error(error);
  process.exitCode = 1;
} finally {
  await rm(fresh, { recursive: true });
}

/**
 * What the extension imports later, in one bundle.
 *
 * @returns {import('esbuild').BuildOptions}
 */
function later() {
  const contents = [...laterModules]
    .sort()
    .map((path) => `export * from ${JSON.stringify(path)};`)
    .join('\n');
  const plugins = [sshApart, english, ownUndici];
  return { ...host, stdin: { contents, resolveDir: root }, outfile: 'later.cjs', plugins };
}

/**
 * @param {string} from
 * @param {string} to
 */
async function replaceFiles(from, to) {
  await mkdir(`${to}/webview`, { recursive: true });
  const made = await readdir(from, { recursive: true, withFileTypes: true });
  const names = made
    .filter((entry) => entry.isFile())
    .map((entry) => relative(from, `${entry.parentPath}/${entry.name}`));
  for (const name of names) await rename(`${from}/${name}`, `${to}/${name}`);
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (entry.isFile() && !names.includes(relative(to, path))) await rm(path);
  }
}
