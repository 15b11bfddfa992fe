import { fileURLToPath } from 'node:url';
import { celestoHarness } from './celestoHarness.ts';

/** Busybox is all there is inside, as in the smallest images, and there is no streaming route. */
export const harness = celestoHarness('BUSYBOX_SHELL', fileURLToPath(import.meta.url), {
  tools: 'busybox',
  lacks: ['python3'],
  stream: false,
});
