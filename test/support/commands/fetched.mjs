// @ts-check
// What the commands fetch beside the project's dependencies: where each lies, and what it takes on disk.
import { existsSync, readFileSync } from 'node:fs';
import { cache } from './places.mjs';

/** Carries VS Code 1.139.1: its server, its workbench for the browser and its extension host in Node. */
export const editorServer = {
  pinned: 'code-server@4.139.1',
  folder: `${cache}/code-server`,
  /** Written last, with what was installed. */
  mark: `${cache}/code-server/installed`,
  megabytes: 420,
};

/** A Chromium without a window, for where there is neither one nor apt. */
export const carriedChromium = {
  pinned: '@sparticuz/chromium@153.0.0',
  folder: `${cache}/chromium`,
  module: `${cache}/chromium/node_modules/@sparticuz/chromium/build/index.js`,
  megabytes: 260,
};

/** VS Code itself, in the oldest supported version. */
export const desktopEditor = {
  version: '1.106.0',
  folder: `${cache}/desktop`,
  downloader: '@vscode/test-electron@3.1.0',
  downloaderFolder: `${cache}/test-electron`,
  megabytes: 480,
};

/** @returns {boolean} */
export function isEditorServerHere() {
  return existsSync(editorServer.mark) && readFileSync(editorServer.mark, 'utf8') === editorServer.pinned;
}

/**
 * Whether a download of VS Code itself is complete; its downloader marks that.
 *
 * @param {NodeJS.Platform} [platform]
 * @param {string} [arch]
 */
export function isDesktopEditorHere(platform = process.platform, arch = process.arch) {
  const kind = platform === 'darwin' ? (arch === 'arm64' ? 'darwin-arm64' : 'darwin') : `${platform}-${arch}`;
  return existsSync(`${desktopEditor.folder}/vscode-${kind}-${desktopEditor.version}/is-complete`);
}
