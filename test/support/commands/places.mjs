// @ts-check
import { fileURLToPath } from 'node:url';

/** The root of the repository, without a trailing slash. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Git-ignored folder for what tests and commands fetch and make: the runtime, the editor, bundles, results. */
export const cache = `${repository}/.vscode-test`;

/** What `npm run package` makes. */
export const vsix = `${repository}/airlock.vsix`;
