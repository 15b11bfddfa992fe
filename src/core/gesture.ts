/** The acts that let bytes or powers cross the border. */
export type BorderAct =
  | 'upload'
  | 'apply'
  | 'undo'
  | 'publish'
  | 'allow-host'
  | 'delete-session'
  | 'refill'
  | 'go-back'
  | 'attach'
  | 'delete-computer';

/**
 * Proof that a person agreed, in a native dialog or tree action, to one act on one named subject.
 * It is spent by the act: a second use, another act or another subject is refused.
 */
export class Gesture {
  readonly act: BorderAct;
  readonly subject: string;
  #spent = false;

  constructor(act: BorderAct, subject: string) {
    this.act = act;
    this.subject = subject;
  }

  /** Uses the gesture up. Throws when it was used before or was made for something else. */
  spend(act: BorderAct, subject: string): void {
    if (this.#spent) throw new Error('This approval was already used.');
    if (act !== this.act || subject !== this.subject) throw new Error('This approval was given for something else.');
    this.#spent = true;
  }
}
