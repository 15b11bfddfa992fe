import type { Entry } from '../store.ts';
import { CommandView } from './command.ts';
import { editView } from './edit.ts';
import { MessageView } from './message.ts';
import { noticeView } from './notice.ts';
import { promptView } from './prompt.ts';
import type { Context, ItemView } from './view.ts';

/** Draws an item for the first time. */
export function viewOf(context: Context, entry: Entry): ItemView {
  const view = make(context, entry.item.kind);
  view.update(entry);
  return view;
}

function make(context: Context, kind: Entry['item']['kind']): ItemView {
  switch (kind) {
    case 'prompt':
      return promptView();
    case 'message':
      return new MessageView(context);
    case 'command':
      return new CommandView(context);
    case 'edit':
      return editView(context);
    case 'notice':
      return noticeView(context);
  }
}
