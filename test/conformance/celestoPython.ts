import { fileURLToPath } from 'node:url';
import { lacksPython } from '../support/relay/systemPython.ts';
import { celestoHarness, type HostedHarness } from './celestoHarness.ts';

/** As it is, where there is Python to run our program inside. */
export function withPython(harness: HostedHarness): HostedHarness {
  return { ...harness, unavailable: async () => lacksPython() ?? (await harness.unavailable()) };
}

/** Without Perl: our program inside runs in Python. */
export const harness = withPython(celestoHarness('PYTHON', fileURLToPath(import.meta.url), { lacks: ['perl'] }));
