import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ensureEditor } from './editor.ts';
import { withoutEditor } from './environment.ts';
import { freePort } from '../freePort.ts';
import { ProcessGroup } from './process-group.ts';

/** A running server of the editor. */
export interface Server {
  readonly port: number;
  readonly group: ProcessGroup;
}

/** Where and with what a server runs. Everything it writes lies below `data`. */
export interface ServerOptions {
  /** Folder for settings, logs and extension storage. */
  readonly data: string;
  /** VSIX files to install first. */
  readonly vsix?: readonly string[];
  /** Environment for the extension host, beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A CommonJS module that the server and its extension hosts load before anything else. */
  readonly preload?: string;
  /** User settings beside the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A fixed port, so that what the browser keeps by origin survives a restart. */
  readonly port?: number;
  /** Ports of this machine get names of their own below the server's: `<port>.localhost:<port of the server>`. */
  readonly portNames?: boolean;
  /** Leave workspace trust on: an unknown folder opens in Restricted Mode. */
  readonly trust?: boolean;
}

const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': 'off',
  'extensions.autoCheckUpdates': false,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.startupPrompt': 'never',
  'terminal.integrated.gpuAcceleration': 'off',
};

/** Starts VS Code's own server with the driver that runs tests in the extension host. */
export async function startTestServer(options: ServerOptions): Promise<Server> {
  return await startInnerServer(options, [
    '--without-connection-token',
    '--enable-smoke-test-driver',
    '--disable-workspace-trust',
  ]);
}

/** Starts VS Code's own server for a person: only who knows the token is let in. */
export async function startTokenServer(options: ServerOptions, token: string): Promise<Server> {
  return await startInnerServer(options, ['--connection-token', token, '--disable-workspace-trust']);
}

async function startInnerServer(options: ServerOptions, access: readonly string[]): Promise<Server> {
  const { node, server } = await ensureEditor();
  await writeSettings(`${options.data}/data/User`, options);
  await installExtensions(options);
  const port = options.port ?? (await freePort());
  const group = new ProcessGroup(
    node,
    [
      server,
      ...['--host', '127.0.0.1', '--port', String(port), ...access, '--accept-server-license-terms'],
      ...['--disable-telemetry', '--server-data-dir', options.data, '--user-data-dir', `${options.data}/data`],
      ...['--extensions-dir', `${options.data}/extensions`],
    ],
    { env: environment(options) },
  );
  return readyOrEnded({ port, group }, 'Web UI available at');
}

/** Starts the server that a person would use, with `/proxy/<port>/`. */
export async function startWorkbenchServer(options: ServerOptions): Promise<Server> {
  const { node, wrapper } = await ensureEditor();
  await writeSettings(`${options.data}/User`, options);
  await installExtensions(options);
  const port = options.port ?? (await freePort());
  const group = new ProcessGroup(
    node,
    [
      ...(options.preload === undefined ? [] : [`--require=${options.preload}`]),
      wrapper,
      ...['--config', `${options.data}/config.yaml`, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      ...(options.portNames === true ? ['--proxy-domain', `{{port}}.localhost:${port}`] : []),
      ...(options.trust === true ? [] : ['--disable-workspace-trust']),
      ...['--user-data-dir', options.data, '--extensions-dir', `${options.data}/extensions`],
    ],
    { env: environment(options) },
  );
  return readyOrEnded({ port, group }, 'HTTP server listening');
}

async function readyOrEnded(server: Server, text: string): Promise<Server> {
  try {
    await server.group.printed(text);
    return server;
  } catch (error) {
    await server.group.end();
    throw error;
  }
}

/** Settings that a person changed in an earlier run on the same folder stay as they are. */
async function writeSettings(folder: string, { settings }: ServerOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify({ ...quietSettings, ...settings }, null, 2);
  await writeFile(`${folder}/settings.json`, text, { flag: 'wx' }).catch(() => undefined);
}

async function installExtensions(options: ServerOptions): Promise<void> {
  await mkdir(`${options.data}/extensions`, { recursive: true });
  const { node, server } = await ensureEditor();
  for (const vsix of options.vsix ?? []) {
    const folders = ['--server-data-dir', options.data, '--extensions-dir', `${options.data}/extensions`];
    await promisify(execFile)(
      node,
      [server, ...folders, '--accept-server-license-terms', '--install-extension', vsix],
      {
        env: environment(options),
      },
    );
  }
}

/** This process's environment, without a marketplace to ask. */
function environment({ env }: ServerOptions): NodeJS.ProcessEnv {
  return { ...withoutEditor(), EXTENSIONS_GALLERY: '{}', ...env };
}
