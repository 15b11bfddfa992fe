import { el, freshId, icon } from '../element.ts';

/** A button that opens and closes a part of a card. */
export interface Disclosure {
  readonly toggle: HTMLButtonElement;
  readonly body: HTMLElement;
  set(open: boolean): void;
  isOpen(): boolean;
}

/** @param onToggle called where the person opens or closes it, not for `set` */
export function disclosure(
  content: (Node | string)[],
  body: HTMLElement,
  onToggle: (open: boolean) => void,
): Disclosure {
  const toggle = el('button', 'toggle', icon('chevron-right'), ...content);
  toggle.type = 'button';
  body.id = freshId();
  toggle.setAttribute('aria-controls', body.id);
  let open = true;
  const set = (wanted: boolean): void => {
    open = wanted;
    body.hidden = !open;
    toggle.setAttribute('aria-expanded', String(open));
  };
  toggle.addEventListener('click', () => {
    set(!open);
    onToggle(open);
  });
  set(false);
  return { toggle, body, set, isOpen: () => open };
}
