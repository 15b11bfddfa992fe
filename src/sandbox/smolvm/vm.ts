import type { Settled } from '../../core/sandbox.ts';
import type { Shell } from '../relay/job/commands.ts';
import type { Endpoint } from './guest/connection.ts';

/** What is true of one microVM, as far as the program and this machine's processes tell. */
export type Seen =
  /** Its emulator runs. `endpoint` is absent where it has no SSH server that can be reached. */
  | { readonly kind: 'running'; readonly endpoint?: Endpoint }
  | { readonly kind: 'paused' }
  | { readonly kind: 'stopped' }
  /** The program takes it for running, but its emulator is gone. */
  | { readonly kind: 'dead' }
  /** The program gave it up and can only delete it. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'gone' };

/** One microVM by its name. Every method but `delete` throws a problem where the program refuses or does not answer. */
export interface Vm {
  readonly name: string;
  look(signal?: AbortSignal): Promise<Seen>;
  /** Resolves when its emulator runs, which is before its SSH server answers. */
  start(signal?: AbortSignal): Promise<void>;
  resume(signal?: AbortSignal): Promise<void>;
  /** A power cut: what was not synced inside is lost. Resolves when the emulator is verified gone. */
  stop(): Promise<void>;
  /** Gone is done; done says that no emulator of that name is left. */
  delete(): Promise<Settled>;
  /** Its host key in base64, where the program tells it. */
  hostKey(): Promise<string | undefined>;
  /** Command lines inside by way of the program. */
  readonly shell: Shell;
}
