/** Most characters of a target or of a link's text. */
const longest = 2000;

/**
 * Hyperlinks whose text hides where they lead (OSC 8). The text stays text, and the true target of one that leads to the
 * web is written behind it, where it can be read and, as any address in a terminal, followed. In a full-screen program,
 * whose layout more text would break, the target is left out.
 */
export class HiddenLink {
  #target: string | undefined;
  #text = '';

  /** Text on its way to the screen. */
  through(text: string): string {
    if (this.#target !== undefined && this.#text.length <= longest) this.#text += text.slice(0, longest);
    return text;
  }

  /** A link begins. */
  open(target: string): '' {
    this.#target = webAddress(target);
    this.#text = '';
    return '';
  }

  /** The link that is open ends here: what is to be shown behind its text. */
  close(isFullScreen: boolean): string {
    const target = this.#target;
    const text = this.#text.trim();
    this.#target = undefined;
    this.#text = '';
    if (target === undefined || text === '' || isFullScreen) return '';
    return webAddress(text) === target ? '' : ` (${target})`;
  }
}

/** An address of the web in its one canonical, plain form; undefined for anything else. */
function webAddress(text: string): string | undefined {
  if (text.length > longest || !/^https?:\/\//iu.test(text) || !URL.canParse(text)) return undefined;
  const { href } = new URL(text);
  return /^[!-~]+$/.test(href) && href.length <= longest ? href : undefined;
}
