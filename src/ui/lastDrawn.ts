/**
 * What a view shows now, so that it is drawn anew only for what looks different: a click on a row that is just drawn anew
 * loses what it is about.
 */
export class LastDrawn {
  #text: string | undefined;

  /**
   * Notes what is shown from now on.
   *
   * @param shown plain data, all that the rows are made of
   * @returns whether it differs from what was noted before
   */
  isNew(shown: unknown): boolean {
    const text = JSON.stringify(shown);
    const isSame = text === this.#text;
    this.#text = text;
    return !isSame;
  }
}
