import { el } from '../element.ts';
import { visibleCode } from '../../shared/visible.ts';
import { copyButton } from './copy.ts';
import type { Context } from './view.ts';

/** A block of code in a message: scrolls by keyboard, and copies exactly what is seen. */
export function codeBlock(
  context: Context,
  text: string,
  language: string,
): { element: HTMLElement; code: HTMLElement } {
  const code = el('code', '', visibleCode(text));
  const box = el('pre', '', code);
  box.tabIndex = 0;
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', language === '' ? 'Code' : `Code, ${language}`);
  const copy = copyButton(context, 'Copy code', () => code.textContent);
  const head = el('div', 'code-head', el('span', 'code-language', language), copy);
  return { element: el('div', 'code', head, box), code };
}
