import { el, setText, show } from '../element.ts';
import type { Entry } from '../store.ts';
import { bytes } from '../../shared/bytes.ts';
import { cardLimits, Screen, type Line } from '../text/screen.ts';

/** The live output of one command; draws only lines that are new or changed. */
export class Output {
  readonly element: HTMLElement;
  private readonly omitted = el('div', 'omitted');
  private readonly lines = el('div', 'lines');
  private readonly box: HTMLElement;
  private screen = new Screen();
  private epoch = 0;
  private fed = 0;

  constructor() {
    // A reversed column stays at its end while it grows, unless the person scrolled up: no script needed.
    this.box = el('div', 'output-scroll', el('div', 'output-content', this.omitted, this.lines));
    this.box.tabIndex = 0;
    this.box.setAttribute('role', 'group');
    this.box.setAttribute('aria-label', 'Output');
    this.element = el('div', 'output', this.box);
  }

  update(entry: Entry): void {
    if (entry.item.kind !== 'command') return;
    const { output } = entry.item;
    if (entry.epoch !== this.epoch || entry.fed - this.fed > output.length) this.clear(entry);
    const fresh = Math.min(entry.fed - this.fed, output.length);
    if (fresh > 0) this.feed(output.slice(-fresh));
    this.fed = entry.fed;
    const missing = entry.bytes - this.screen.bytes;
    show(this.omitted, missing > 0);
    setText(this.omitted, `${bytes(missing)} of earlier output not shown`);
    show(this.box, entry.bytes > 0);
  }

  /** What is drawn, as text. */
  text(): string {
    return this.screen.lines.map(({ runs }) => runs.map(({ text }) => text).join('')).join('\n');
  }

  private clear(entry: Entry): void {
    this.screen = new Screen();
    this.lines.replaceChildren();
    this.epoch = entry.epoch;
    this.fed = 0;
  }

  private feed(output: string): void {
    const { dropped, changed } = this.screen.feed(tail(output));
    for (let index = Math.min(dropped, this.lines.childElementCount); index > 0; index--) {
      this.lines.firstElementChild?.remove();
    }
    this.screen.lines.slice(changed).forEach((line, index) => {
      const drawn = drawLine(line);
      const old = this.lines.children[changed + index];
      if (old === undefined) this.lines.append(drawn);
      else old.replaceWith(drawn);
    });
  }
}

/** More than a card holds is not even parsed; the cut falls on the end of a line where there is one. */
function tail(output: string): string {
  if (output.length <= cardLimits.characters) return output;
  const cut = output.indexOf('\n', output.length - cardLimits.characters) + 1;
  return output.slice(cut > 0 ? cut : -cardLimits.characters);
}

function drawLine(line: Line): HTMLElement {
  const made = el('div', 'line');
  for (const { text, style } of line.runs) made.append(style === '' ? text : el('span', style, text));
  if (line.cut > 0) made.append(el('span', 'omitted', ` … ${line.cut.toLocaleString('en')} more characters`));
  return made;
}
