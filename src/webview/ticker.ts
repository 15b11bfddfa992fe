/** Calls its listeners each second while there are any, for clocks on the page. */
export class Ticker {
  private readonly listeners = new Set<() => void>();
  private timer: number | undefined;

  add(listener: () => void): void {
    this.listeners.add(listener);
    this.timer ??= window.setInterval(() => {
      for (const each of this.listeners) each();
    }, 1000);
  }

  remove(listener: () => void): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    window.clearInterval(this.timer);
    this.timer = undefined;
  }
}
