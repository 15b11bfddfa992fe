import type { Post } from './border.ts';
import { el } from './element.ts';
import { hostInDisguise, parseTarget, titleOf, type Target } from './text/links.ts';

/** Where each link leads; kept apart from the page, so that no attribute written by others can say it. */
const targets = new WeakMap<Element, Target>();

/** A link without href: the page never navigates, whatever key or button is used; the extension is told instead. */
export function linkTo(target: Target, ...content: (Node | string)[]): HTMLElement {
  const made = el('span', 'link', ...content);
  made.tabIndex = 0;
  made.setAttribute('role', 'link');
  made.title = titleOf(target);
  targets.set(made, target);
  return made;
}

/** Replaces every anchor by a link of ours, or by its words where it leads nowhere. */
export function tameLinks(fragment: ParentNode): void {
  for (const anchor of fragment.querySelectorAll('a')) {
    const target = parseTarget(anchor.getAttribute('href') ?? '');
    const content = [...anchor.childNodes];
    if (target === undefined) {
      anchor.replaceWith(...content);
      continue;
    }
    const host = hostInDisguise(anchor.textContent, target);
    const truth = host === undefined ? [] : [el('span', 'true-host', ` (${host})`)];
    anchor.replaceWith(linkTo(target, ...content, ...truth));
  }
}

/** Follows links below `root` by telling the extension. */
export function followLinks(root: HTMLElement, post: Post): void {
  const follow = (event: Event): void => {
    const link = event.target instanceof Element ? event.target.closest('[role=link]') : null;
    const target = link === null ? undefined : targets.get(link);
    if (target === undefined) return;
    event.preventDefault();
    if (target.kind === 'web') post({ type: 'open-link', href: target.href });
    else post({ type: 'open-file', path: target.path });
  };
  root.addEventListener('click', follow);
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') follow(event);
  });
}
