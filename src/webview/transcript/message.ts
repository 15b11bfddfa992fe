import { el, hidden } from '../element.ts';
import { tameLinks } from '../link.ts';
import type { Entry } from '../store.ts';
import { parseMarkdown, type Block } from '../text/markdown.ts';
import { sanitize } from '../text/sanitize.ts';
import { visibleCode } from '../../shared/visible.ts';
import { codeBlock } from './code.ts';
import type { Context, ItemView } from './view.ts';

interface Drawn {
  readonly key: string;
  readonly element: HTMLElement;
  /** The element that holds a code block's text, so that it can grow in place. */
  readonly code?: HTMLElement;
}

/** A parse that cost this many milliseconds makes the next ones wait, so that a long message streams smoothly. */
const dear = 4;
const waitFactor = 10;

/** Markdown of the model, drawn block by block: what streams in touches the last block only. */
export class MessageView implements ItemView {
  readonly element: HTMLElement;
  private readonly body = el('div', 'markdown');
  private readonly context: Context;
  private readonly drawn: Drawn[] = [];
  private blocks: Block[] = [];
  private text: string | undefined;
  private nextParse = 0;
  private drawing = false;
  private disposed = false;

  constructor(context: Context) {
    this.context = context;
    this.element = el('article', 'item message', hidden('Agent:'), this.body);
    this.body.dir = 'auto';
  }

  update({ item }: Entry): void {
    if (item.kind !== 'message') return;
    this.element.classList.toggle('streaming', item.streaming);
    if (item.text === this.text) return;
    this.text = item.text;
    this.context.frames.once(this.parse);
  }

  dispose(): void {
    this.disposed = true;
  }

  private readonly parse = (): void => {
    if (this.disposed || this.text === undefined) return;
    const start = performance.now();
    if (start < this.nextParse) {
      this.context.frames.once(this.parse);
      return;
    }
    this.blocks = parseMarkdown(this.text);
    const cost = performance.now() - start;
    this.nextParse = cost > dear ? start + cost * waitFactor : 0;
    this.dropChanged();
    if (this.drawing || this.drawn.length === this.blocks.length) return;
    this.drawing = true;
    this.context.frames.work(this.drawNext, true);
  };

  /** Takes away what is no longer so, from the first block that differs; a code block that only grew is kept. */
  private dropChanged(): void {
    let same = 0;
    while (same < this.drawn.length && this.keeps(same)) same++;
    for (const { element } of this.drawn.splice(same)) element.remove();
  }

  private keeps(index: number): boolean {
    const block = this.blocks[index];
    const drawn = this.drawn[index];
    if (block === undefined || drawn?.key !== keyOf(block)) return false;
    if (block.kind === 'code' && drawn.code !== undefined) grow(drawn.code, visibleCode(block.text));
    return true;
  }

  private readonly drawNext = (): boolean => {
    const block = this.blocks[this.drawn.length];
    if (block !== undefined && !this.disposed) {
      const drawn = this.draw(block);
      this.drawn.push(drawn);
      this.body.append(drawn.element);
    }
    this.drawing = !this.disposed && this.drawn.length < this.blocks.length;
    return this.drawing;
  };

  private draw(block: Block): Drawn {
    const key = keyOf(block);
    if (block.kind === 'code') return { key, ...codeBlock(this.context, block.text, block.language) };
    if (block.kind === 'plain') return { key, element: el('div', 'block plain', block.text) };
    const fragment = sanitize(block.html());
    tameLinks(fragment);
    for (const pre of fragment.querySelectorAll('pre')) {
      pre.replaceWith(codeBlock(this.context, pre.textContent.replace(/\n$/, ''), '').element);
    }
    return { key, element: el('div', 'block', fragment) };
  }
}

function keyOf(block: Block): string {
  if (block.kind === 'code') return `code ${block.language}`;
  return block.kind === 'markup' ? `markup ${block.source}` : `plain ${block.text}`;
}

function grow(code: HTMLElement, text: string): void {
  const before = code.textContent;
  if (before === text) return;
  if (before !== '' && text.startsWith(before)) code.append(text.slice(before.length));
  else code.textContent = text;
}
