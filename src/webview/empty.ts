import { el, icon, show } from './element.ts';
import type { Status } from './store.ts';
import { visibleLine, visibleProse } from '../shared/visible.ts';
import { drawFix } from './transcript/notice.ts';
import type { Context } from './transcript/view.ts';

const examples = ['Fix the failing test', 'Explain how this project is built', 'Find a bug and prove it with a test'];

/** What an empty transcript says: what is in the way with its one button, what is under way, or how to begin. */
export class Empty {
  readonly element = el('div', 'empty');
  private readonly context: Context;
  private readonly fill: (prompt: string) => void;
  private key = '';

  /** @param fill puts an example into the prompt box */
  constructor(context: Context, fill: (prompt: string) => void) {
    this.context = context;
    this.fill = fill;
  }

  update(status: Status, isEmpty: boolean): void {
    show(this.element, isEmpty);
    const { blocked, session, sandbox } = status;
    const key = JSON.stringify([
      blocked,
      session?.status,
      session?.statusText,
      session?.sandbox,
      sandbox,
      status.canSend,
    ]);
    if (!isEmpty || key === this.key) return;
    this.key = key;
    this.element.replaceChildren(...this.draw(status));
  }

  private draw({ blocked, session, sandbox, canSend }: Status): HTMLElement[] {
    if (blocked !== undefined) {
      const fixes = blocked.fix === undefined ? [] : drawFix(this.context, blocked.fix);
      return [icon('shield'), el('p', '', visibleProse(blocked.text)), ...fixes];
    }
    if (session !== undefined && !canSend) return [icon('shield'), el('p', '', visibleLine(session.statusText))];
    const place = visibleLine(session?.sandbox ?? sandbox.title);
    return [
      icon('shield'),
      el('h2', '', 'What should the agent do?'),
      el(
        'p',
        '',
        `It works on a copy of your folder${place === '' ? '' : ` (${place})`}. Nothing comes home before you review it.`,
      ),
      el('ul', 'examples', ...examples.map((text) => el('li', '', this.example(text)))),
    ];
  }

  private example(text: string): HTMLElement {
    const made = el('button', 'example', text);
    made.type = 'button';
    made.addEventListener('click', () => this.fill(text));
    return made;
  }
}
