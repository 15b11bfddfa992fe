import type { Limits } from '../wire.ts';

/** What the provider tells the supervisor on its command line. Nothing here is secret: commands inside can read it. */
export interface SupervisorConfig {
  /** Where to listen. */
  readonly socket: string;
  /** A folder for pipes and terminal names, on memory where the system has that. */
  readonly scratch: string;
  /** Absent where the system cannot set them. */
  readonly limits?: Limits;
  /** True when no earlier supervisor served this sandbox: then an unknown operation never ran. */
  readonly firstBoot: boolean;
  readonly terminals: { readonly nodePty?: string };
}

/** Reads the one argument. It comes from the provider outside, before anything hostile runs. */
export function readConfig(text: string | undefined): SupervisorConfig {
  if (text === undefined) throw new Error('started without its configuration');
  return JSON.parse(text) as SupervisorConfig;
}
