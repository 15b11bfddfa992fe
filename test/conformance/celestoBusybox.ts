import { fileURLToPath } from 'node:url';
import { celestoHarness } from './celestoHarness.ts';
import { withPython } from './celestoPython.ts';

/** Busybox and Python are all there is inside, as in a small image, and there is no streaming route. */
export const harness = withPython(
  celestoHarness('BUSYBOX', fileURLToPath(import.meta.url), { tools: 'busybox', stream: false }),
);
