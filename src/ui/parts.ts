import type { SessionId } from '../shared/ids.ts';
import type { Sessions } from '../core/session/api.ts';
import type { Provider } from '../core/sandbox.ts';
import type { LocalFolder } from '../core/storage.ts';
import type { Log } from './log.ts';
import type { Environment } from './model.ts';

/** An opened workspace folder on this machine's disk. */
export interface OpenFolder {
  readonly uri: string;
  readonly path: string;
  readonly name: string;
}

/** What the editor tells the rest of the product. */
export interface Editor {
  readonly log: Log;
  /** Absolute folder for all that must outlive a window. */
  readonly storage: string;
  /** Absolute folder of the editor's own program. */
  readonly program: string;
  /** Absolute folder of the installed extension. */
  readonly installation: string;
  /** Paths of the opened folders: programs that lie there are never run. */
  readonly openPaths: () => readonly string[];
  /** Reads a setting by its full id. */
  readonly setting: (id: string) => unknown;
  /** Opens a terminal of this machine with a command typed into it, which a person then runs or not. */
  readonly openTerminal: (title: string, command: string) => Promise<void>;
  /** The secret that opens the forwarded ports of a session. */
  readonly portToken: (session: string) => Promise<string>;
}

/** What the composition root hands to the user interface. Each part is built when it is first asked for. */
export interface Parts {
  providers(): Promise<readonly Provider[]>;
  sessions(): Promise<Sessions>;
  localFolder(folder: OpenFolder): Promise<LocalFolder>;
  /** URI of the folder that a stored session belongs to. */
  rootOf(session: SessionId): Promise<string | undefined>;
  readonly environment: Environment;
}
