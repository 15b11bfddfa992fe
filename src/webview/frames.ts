/** Milliseconds of one frame that long work may take: laying out and painting what it made takes several times that. */
const budget = 4;

/** Work that is done bit by bit: each call does one bit and says whether some is left. */
export type Work = () => boolean;

/** Does things once per frame, and long work in slices over as many frames as it needs. */
export class Frames {
  private readonly wanted = new Set<() => void>();
  private readonly works: Work[] = [];
  private asked = false;

  /** Runs `task` in the next frame, once however often it is asked for. */
  once(task: () => void): void {
    this.wanted.add(task);
    this.ask();
  }

  /** Queues work; where `first`, before all that is already queued. */
  work(work: Work, first = false): void {
    if (first) this.works.unshift(work);
    else this.works.push(work);
    this.ask();
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.run();
    });
  }

  private run(): void {
    this.asked = false;
    const end = performance.now() + budget;
    const tasks = [...this.wanted];
    this.wanted.clear();
    for (const task of tasks) task();
    while (performance.now() < end) {
      const [work] = this.works;
      if (work === undefined) break;
      // Work may queue more before itself, so it is found again instead of taken from the front.
      if (!work()) this.works.splice(this.works.indexOf(work), 1);
    }
    if (this.works.length > 0) this.ask();
  }
}
