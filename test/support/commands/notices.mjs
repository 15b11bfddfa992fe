// @ts-check
import { readdir, readFile } from 'node:fs/promises';
import { repository } from './places.mjs';

/**
 * The licences of everything that bundles carry of others.
 *
 * @param {readonly string[]} inputs paths of the bundled files, from the repository's root
 * @returns {Promise<string>}
 */
export async function noticesFor(inputs) {
  const packages = new Set(inputs.map(packageOf).filter((folder) => folder !== undefined));
  const parts = await Promise.all([...packages].sort().map(notice));
  return `Airlock carries these packages:\n\n${[...new Set(parts)].join('\n')}`;
}

/** @param {string} path */
function packageOf(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

/** @param {string} folder */
async function notice(folder) {
  const manifest = JSON.parse(await readFile(`${repository}/${folder}/package.json`, 'utf8'));
  const file = (await readdir(`${repository}/${folder}`)).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? '' : await readFile(`${repository}/${folder}/${file}`, 'utf8');
  return `${'-'.repeat(80)}\n${manifest.name} ${manifest.version} (${manifest.license ?? manifest.licenses?.[0]?.type})\n\n${text.trim()}\n`;
}
