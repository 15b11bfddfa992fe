/** The window for which sessions are owned, and whether a person still has it in front of them. */
export interface Presence {
  /** Whether it answers; false after some seconds of silence. */
  answers(): Promise<boolean>;
  /** Resolves once it answers. */
  back(): Promise<void>;
}
