import { fileURLToPath } from 'node:url';
import { celestoHarness } from './celestoHarness.ts';

/** As the newest official client knows the service: without the streaming route. */
export const harness = celestoHarness('NO_STREAM', fileURLToPath(import.meta.url), { stream: false });
