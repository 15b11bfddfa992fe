import { z } from 'zod';
import { panelStateShape, transcriptItemShape } from './view.ts';

/** From the extension to the panel: the full state after `ready`, then what changed. */
export const toPanelShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: panelStateShape }),
  /** All of the state but its transcript. */
  z.object({ type: z.literal('status'), state: panelStateShape.omit({ transcript: true, draft: true }) }),
  /** New or changed items, by id; an unknown id is appended. */
  z.object({ type: z.literal('items'), items: z.array(transcriptItemShape) }),
  z.object({ type: z.literal('text-delta'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('output-delta'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('focus-prompt') }),
]);

export type ToPanel = z.infer<typeof toPanelShape>;

const maxPromptLength = 200_000;

/** From the panel to the extension. Nothing here can cross the border: uploads and applies are asked for natively. */
export const fromPanelShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** To the session that the page showed when it was written; absent where it showed none. */
  z.object({
    type: z.literal('send'),
    prompt: z.string().min(1).max(maxPromptLength),
    session: z.string().max(100).optional(),
  }),
  z.object({ type: z.literal('stop') }),
  z.object({ type: z.literal('continue') }),
  z.object({ type: z.literal('new-session') }),
  z.object({ type: z.literal('choose-model') }),
  z.object({ type: z.literal('choose-sandbox') }),
  z.object({ type: z.literal('review') }),
  /** A button of a problem that the extension itself put into the state. */
  z.object({ type: z.literal('fix'), id: z.string().max(100) }),
  z.object({ type: z.literal('copy'), text: z.string().max(1_000_000) }),
  z.object({ type: z.literal('open-link'), href: z.string().max(4_000) }),
  z.object({ type: z.literal('open-file'), path: z.string().max(4_096) }),
  /** Shows a running command in a terminal, by the id of its item. */
  z.object({ type: z.literal('watch-command'), id: z.string().max(100) }),
  z.object({ type: z.literal('draft'), text: z.string().max(maxPromptLength) }),
]);

export type FromPanel = z.infer<typeof fromPanelShape>;
