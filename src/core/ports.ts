import type { Gesture } from './gesture.ts';
import type { Settled } from './settled.ts';

/** A port that is public. Without `url` it is not known yet where. */
export interface Published {
  readonly port: number;
  readonly url?: string;
}

/** Makes ports public and withdraws them. What is public ends with the sandbox. */
export interface Publishing {
  /** Only for a person who was told that it is public on the internet: `gesture` is of kind `publish`. Throws a problem. */
  publish(port: number, gesture: Gesture): Promise<Published>;
  /** Idempotent. */
  unpublish(port: number): Promise<Settled>;
  list(): Promise<readonly Published[]>;
}

/** A TCP port that a program inside listens on. */
export interface Listener {
  readonly port: number;
  readonly address: string;
  /** Name of the program that listens, as the guest tells it. */
  readonly program?: string;
}
