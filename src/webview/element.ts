type Child = Node | string | undefined;

/** Makes an element; strings become text, never markup. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A codicon; always beside a word or inside a named button, so that it says nothing by itself. */
export function icon(name: string): HTMLElement {
  const made = el('span', `codicon codicon-${name}`);
  if (name === 'loading') made.classList.add('codicon-modifier-spin');
  made.setAttribute('aria-hidden', 'true');
  return made;
}

export interface ButtonOptions {
  /** The name; shown as text unless the button is an icon alone. */
  readonly label: string;
  readonly icon?: string;
  readonly look?: 'primary' | 'secondary' | 'icon' | 'plain';
  readonly title?: string;
  readonly onClick: () => void;
}

/** A button with a name. */
export function button(options: ButtonOptions): HTMLButtonElement {
  const look = options.look ?? 'secondary';
  const words = look === 'icon' ? undefined : el('span', 'button-label', options.label);
  const made = el('button', `button ${look}`, options.icon === undefined ? undefined : icon(options.icon), words);
  made.type = 'button';
  if (look === 'icon') made.setAttribute('aria-label', options.label);
  made.title = options.title ?? (look === 'icon' ? options.label : '');
  made.addEventListener('click', options.onClick);
  return made;
}

/** Words for screen readers alone. */
export function hidden(text: string): HTMLElement {
  return el('span', 'sr-only', text);
}

let ids = 0;

/** An id that no text of others can hold, as only our own elements carry ids. */
export function freshId(): string {
  return `part-${++ids}`;
}

/** Shows or hides without taking it out of the page. */
export function show(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Sets text only where it differs, so that nothing is laid out or announced for nothing. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
