/** A program inside that listens on a TCP port. */
export interface Listener {
  readonly port: number;
  readonly address: string;
  /** Name of the program that listens, as the guest tells it. */
  readonly program?: string;
}

/** A port that is open to the internet, whoever opened it; without its address where that is not known yet. */
export interface PublicPort {
  readonly port: number;
  readonly url?: string;
}

/** A port of a sandbox that everybody who knows, or guesses, its address can open. */
export interface Published {
  readonly port: number;
  /** Address on the internet, without a secret in it. */
  readonly url: string;
}
