import type { FromPanel } from '../../shared/protocol.ts';
import type { PanelHandlers } from './model.ts';

/** A message that the page of this version cannot have sent. */
export class UnknownMessageError extends Error {
  override readonly name = 'UnknownMessageError';
}

/**
 * Hands a message of the page to its handler.
 *
 * @throws {UnknownMessageError} where the message is not of the protocol
 */
export async function dispatch(raw: unknown, handlers: PanelHandlers & { readonly ready: () => void }): Promise<void> {
  // Schemas take long to load: they are when the first message comes, not when a window starts.
  const { fromPanelShape } = await import('../../shared/protocol.ts');
  const parsed = fromPanelShape.safeParse(raw);
  if (!parsed.success) throw new UnknownMessageError('The panel sent a message that is not of its protocol.');
  const message = parsed.data;
  if (message.type === 'open-link' && !isWebLink(message.href)) {
    throw new UnknownMessageError('The panel asked to open a link that does not lead to the web.');
  }
  await handle(message, handlers);
}

type Messages = { readonly [Type in FromPanel['type']]: Extract<FromPanel, { type: Type }> };
type MessageOf<Type extends keyof Messages> = { [Key in Type]: Messages[Key] & { type: Key } }[Type];

function handle<Type extends keyof Messages>(
  message: MessageOf<Type>,
  handlers: { readonly [Key in Type]: (message: MessageOf<Key>) => void | Promise<void> },
): void | Promise<void> {
  return handlers[message.type](message);
}

/** Only these leave the editor; `command:`, `file:`, `vscode:` and the like never come from a message's text. */
function isWebLink(href: string): boolean {
  return URL.canParse(href) && ['http:', 'https:'].includes(new URL(href).protocol);
}
