import { actionCommands } from './actionCommands.ts';
import type { SessionServices } from './core/session/index.ts';
import type { Machine } from './core/machine.ts';
import type { Provider } from './core/sandbox.ts';
import { environmentVariable } from './host/environment.ts';
import { start, type Editor, type EditorContext, type Parts, type Running } from './ui/index.ts';

let running: Running | undefined;

/** Called by the editor once a window is ready. Registers what the manifest names; everything else loads on first use. */
export function activate(context: EditorContext): void {
  running = start(context, compose);
}

/** Called by the editor when the window closes: every session is let go of, none is ended. */
export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** Puts the parts of the product together. Nothing is loaded before it is asked for. */
function compose(editor: Editor): Parts {
  const log = (line: string): void => editor.log.info(line);

  const host = once(async () => {
    const { hostServices, thisMachine } = await import('./host/index.ts');
    const machine = thisMachine({ neverIn: () => editor.openPaths() });
    const { storage: storageRoot, trusted } = editor;
    return { machine, services: await hostServices({ storageRoot, machine, trusted }) };
  });

  // One line for each kind of sandbox; the first one that is ready and stays on this machine is the default.
  const providers = once(async (): Promise<readonly Provider[]> => {
    const { machine } = await host();
    return [await smolVm(editor, machine, log), await builtIn(editor, machine, log), await celesto(editor, log)];
  });

  const sessions = once(async () => {
    const { createSessions } = await import('./core/session/index.ts');
    const { webForwarding } = await import('./sandbox/forward/index.ts');
    const { services } = await host();
    const forwarding = webForwarding(editor.portToken);
    return createSessions({
      ...services,
      providers: await providers(),
      agent,
      forwarding,
      presence: editor.presence,
      log,
    });
  });

  const computers = once(async () => {
    const { createComputers } = await import('./core/computers/index.ts');
    const { services } = await host();
    return createComputers({ ...services, providers: await providers() });
  });

  return {
    providers,
    sessions,
    computers,
    localFolder: async (folder) => (await host()).services.folder(folder),
    rootOf: async (session) => (await (await host()).services.store.read(session))?.root,
    environment: environmentVariable,
    actionCommands,
  };
}

async function smolVm(editor: Editor, machine: Machine, log: (line: string) => void): Promise<Provider> {
  const { smolVmProvider } = await import('./sandbox/smolvm/index.ts');
  const text = (setting: string) => {
    const set = editor.setting(setting);
    return typeof set === 'string' ? set : undefined;
  };
  return smolVmProvider({
    machine,
    storage: `${editor.storage}/smolvm`,
    path: () => text('airlock.smolvm.path'),
    backend: () => text('airlock.smolvm.backend'),
    variable: environmentVariable,
    openTerminal: editor.openTerminal,
    log,
  });
}

async function builtIn(editor: Editor, machine: Machine, log: (line: string) => void): Promise<Provider> {
  const { processProvider } = await import('./sandbox/process/index.ts');
  const program = (name: string) => `${editor.installation}/dist/${name}.cjs`;
  return processProvider({
    machine,
    storage: `${editor.storage}/process`,
    programs: { supervisor: program('supervisor'), keeper: program('keeper') },
    nodePty: `${editor.program}/node_modules/node-pty`,
    log,
  });
}

async function celesto(editor: Editor, log: (line: string) => void): Promise<Provider> {
  const { celestoProvider, chosenBaseUrl } = await import('./sandbox/celesto/index.ts');
  const { networkSettings } = await import('./sandbox/common/networkSettings.ts');
  const said = new Set<string>();
  const baseUrl = () => {
    const setting = editor.setting('airlock.celesto.baseUrl');
    const { value, from } = chosenBaseUrl(setting, environmentVariable('CELESTO_BASE_URL'));
    if (from !== undefined && !said.has(value)) log(`celesto: reached at ${value}, as ${from} says.`);
    said.add(value);
    return { value, from };
  };
  return celestoProvider({
    baseUrl: () => baseUrl().value,
    keys: editor.serviceKeys({ title: 'Celesto', variable: 'CELESTO_API_KEY', addressFrom: () => baseUrl().from }),
    network: () => networkSettings(editor.setting, environmentVariable),
    storage: `${editor.storage}/celesto`,
    log,
  });
}

/** The agent and its SDK are a bundle of their own, loaded with the first turn; one runner knows what goes on between turns. */
const runner = once(async () => (await import('./agent/index.ts')).createAgentRunner());
const agent: SessionServices['agent'] = {
  run: async (request, observer) => await (await runner()).run(request, observer),
};

/** Builds a part when it is first asked for; a failure is tried again the next time. */
function once<T>(build: () => Promise<T>): () => Promise<T> {
  let built: Promise<T> | undefined;
  return () => {
    built ??= build().catch((error: unknown) => {
      built = undefined;
      throw error;
    });
    return built;
  };
}
