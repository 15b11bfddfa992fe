import type { Disposable } from '../core/session/api.ts';
import { closeOvertaken } from './review/stale.ts';
import { currentModel, type Services } from './services.ts';

/** Keeps the context keys, by which menus and walkthrough are drawn, at what is true of the shown session. */
export function followSession(services: Services): Disposable {
  const { active, context } = services;
  const draw = (): void => {
    const summary = active.current?.summary();
    context.set('airlock.hasSession', summary !== undefined);
    context.set('airlock.status', summary?.status ?? '');
    context.set('airlock.canSnapshot', summary?.snapshots === true);
    context.set('airlock.pause', summary?.pause ?? '');
    context.set('airlock.canContinue', summary?.status === 'interrupted');
    context.set('airlock.readOnly', summary?.elsewhere === true || summary?.readOnly !== undefined);
  };
  const drawUndo = async (): Promise<void> => {
    const undoable = await active.current?.undoable().catch((error: unknown) => {
      services.log.error('The journal of applies could not be read.', error);
      return undefined;
    });
    context.set('airlock.canUndo', undoable !== undefined);
  };
  const subscriptions = [
    active.onDidSwitch(() => {
      draw();
      void drawUndo();
    }),
    active.onDidTell(({ kind }) => {
      if (kind === 'summary') draw();
      if (kind === 'changes') void drawUndo();
      if (kind === 'changes' && active.current !== undefined) void closeOvertaken(active.current);
    }),
  ];
  return { dispose: () => subscriptions.forEach((one) => void one.dispose()) };
}

/** Tells the walkthrough whether a turn could start without a question about keys. */
export async function followModel(services: Services): Promise<void> {
  const isReady = async (): Promise<boolean> => await services.keys.isReady(currentModel(services));
  services.context.set('airlock.modelReady', await isReady().catch(() => false));
}
