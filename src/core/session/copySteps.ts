import { bytes } from '../../shared/bytes.ts';
import type { Step } from '../sandbox.ts';

/** Says how many of `whole` bytes were handed on: to be told of each count, it speaks when the words change. */
export function copySteps(title: string, whole: number, step: (s: Step) => void): (moved: number) => void {
  let said: string | undefined;
  step({ title });
  return (moved) => {
    const detail = `${bytes(Math.min(moved, whole))} of ${bytes(whole)}`;
    if (detail !== said) step({ title, detail });
    said = detail;
  };
}
