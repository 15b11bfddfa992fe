import { fileURLToPath } from 'node:url';
import { celestoHarness } from './celestoHarness.ts';

/** Neither Perl nor Python: our program inside runs in a shell, with the system's own tools. */
export const harness = celestoHarness('SHELL', fileURLToPath(import.meta.url), { lacks: ['perl', 'python3'] });
