import { fileURLToPath } from 'node:url';
import { celestoHarness } from './celestoHarness.ts';

/** Without Perl: our program inside runs in Python. */
export const harness = celestoHarness('PYTHON', fileURLToPath(import.meta.url), { lacks: ['perl'] });
