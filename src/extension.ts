import type { SessionServices } from './core/session/index.ts';
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
  const machine = once(async () => {
    const { thisMachine } = await import('./host/spawn.ts');
    return thisMachine({ neverIn: () => editor.openPaths() });
  });
  const providers = once(async (): Promise<readonly Provider[]> => {
    const { processProvider } = await import('./sandbox/process/index.ts');
    return [
      processProvider({
        machine: await machine(),
        storage: `${editor.storage}/process`,
        programs: programsOf(editor.installation),
        nodePty: `${editor.program}/node_modules/node-pty`,
        log,
      }),
    ];
  });
  const storage = once(async () => {
    const { storageRoot } = await import('./host/storageRoot.ts');
    const { fileSessionStore } = await import('./host/sessionStore.ts');
    const { openBlobStore } = await import('./host/blobs/blobStore.ts');
    const { fileLedger } = await import('./host/ledger.ts');
    const { ownerLeases } = await import('./host/ownerLease.ts');
    const root = storageRoot(editor.storage);
    const store = await fileSessionStore(root, openBlobStore);
    return { store, ledger: fileLedger(root), owners: ownerLeases(root) };
  });
  const sessions = once(async () => {
    const { createSessions } = await import('./core/session/index.ts');
    const applier: SessionServices['applier'] = () => noApplier;
    const services = { ...(await storage()), providers: await providers(), agent, applier, log };
    return createSessions(services);
  });
  return {
    providers,
    sessions,
    localFolder: async (folder) => {
      const { localFolder } = await import('./host/folder.ts');
      return localFolder(folder, await machine());
    },
    rootOf: async (session) => (await (await storage()).store.read(session))?.root,
    environment: environmentVariable,
  };
}

/** The agent and its SDK are a bundle of their own, loaded with the first turn. */
const agent: SessionServices['agent'] = {
  run: async (request, observer) => {
    const { createAgentRunner } = await import('./agent/index.ts');
    return await createAgentRunner().run(request, observer);
  },
};

function programsOf(installation: string): { supervisor: string; keeper: string } {
  return { supervisor: `${installation}/dist/supervisor.cjs`, keeper: `${installation}/dist/keeper.cjs` };
}

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

const noApplier: ReturnType<SessionServices['applier']> = {
  apply: () => Promise.reject(new Error('unavailable')),
  recover: () => Promise.resolve(undefined),
  lastUndoable: () => Promise.resolve(undefined),
  changedSince: () => Promise.resolve([]),
  undo: () => Promise.reject(new Error('unavailable')),
};
