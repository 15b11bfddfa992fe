import { AirlockError, problem } from '../core/problem.ts';

/** The system's code of a caught error, such as `ENOENT`. */
export function errorCode(caught: unknown): string | undefined {
  if (!(caught instanceof Error) || !('code' in caught)) return undefined;
  return typeof caught.code === 'string' ? caught.code : undefined;
}

/** True for the errors that say: nothing stands at that path. */
export function isAbsent(caught: unknown): boolean {
  const code = errorCode(caught);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Runs an act on our own storage; what the disk refuses becomes `storage-failed` with `what` in its sentence. */
export async function onStorage<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (caught) {
    throw storageFailure(what, caught);
  }
}

/** A `storage-failed` error that says what could not be done and why the system refused. */
export function storageFailure(what: string, caught: unknown): AirlockError {
  if (caught instanceof AirlockError) return caught;
  const why = errorCode(caught) ?? (caught instanceof Error ? caught.message : String(caught));
  return new AirlockError(
    problem('storage-failed', `Airlock could not ${what} (${why}).`, { delivery: 'maybe-sent', fix: 'retry' }),
    caught,
  );
}
