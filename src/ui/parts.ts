import type { SessionId } from '../shared/ids.ts';
import type { Sessions } from '../core/session/api.ts';
import type { Computers } from '../core/computers/index.ts';
import type { Presence } from '../core/session/presence.ts';
import type { Provider } from '../core/sandbox.ts';
import type { LocalFolder } from '../core/storage.ts';
import type { Log } from './log.ts';
import type { ServiceKeys, Service } from './keys/serviceKeys.ts';
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
  /** Whether the person trusts the opened folders now. */
  readonly trusted: () => boolean;
  /** Reads a setting by its full id. */
  readonly setting: (id: string) => unknown;
  /** Opens a terminal of this machine with a command typed into it, which a person then runs or not. */
  readonly openTerminal: (title: string, command: string) => Promise<void>;
  /** The secret that opens the forwarded ports of a session. */
  readonly portToken: (session: string) => Promise<string>;
  /** Whether a person still has this window in front of them. */
  readonly presence: Presence;
  /** The keys of a hosted service, in the editor's secret storage. */
  readonly serviceKeys: (service: Service) => ServiceKeys;
}

/** A command of the manifest that is an action of one kind of sandbox. */
export interface ActionCommand {
  readonly id: string;
  readonly title: string;
  readonly provider: string;
  /** Id of the action in the provider's descriptor. */
  readonly action: string;
}

/** What the composition root hands to the user interface. Each part is built when it is first asked for. */
export interface Parts {
  providers(): Promise<readonly Provider[]>;
  sessions(): Promise<Sessions>;
  computers(): Promise<Computers>;
  localFolder(folder: OpenFolder): Promise<LocalFolder>;
  /** URI of the folder that a stored session belongs to. */
  rootOf(session: SessionId): Promise<string | undefined>;
  readonly environment: Environment;
  readonly actionCommands: readonly ActionCommand[];
}
