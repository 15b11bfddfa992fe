// @ts-check
// npm run demo [-- --headless]: looks at the machine, and where all is well installs what is missing and starts the demo.
import { spawn } from 'node:child_process';
import { refusal } from './requirements.mjs';

const unfit = refusal(process.platform, process.versions.node);
if (unfit === undefined) await begin();
else {
  console.error(unfit);
  process.exitCode = 2;
}

async function begin() {
  // Only now: an older Node could not even read them.
  const { thisMachine } = await import('./demo/machine.mjs');
  const { probe } = await import('./demo/probes.mjs');
  const headless = process.argv.includes('--headless') || !process.stdout.isTTY;
  const answers = await probe(await thisMachine(), headless);
  for (const { name, ok, says } of answers) console.log(`${ok ? 'ok  ' : 'no  '}${name.padEnd(8)} ${says}`);
  const wrong = answers.filter(({ ok }) => !ok);
  for (const { name, fix } of wrong) console.log(`\nTo fix ${name}:\n  ${fix}`);
  if (wrong.length > 0) process.exitCode = 2;
  else start(headless);
}

/** @param {boolean} headless */
function start(headless) {
  const here = import.meta.dirname;
  const args = [`${here}/bootstrap.mjs`, `${here}/demo/main.ts`, ...(headless ? ['--headless'] : [])];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // Ctrl-C reaches the whole terminal group, a lone signal only this process: the demo takes a second request as the first.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill('SIGTERM'));
  }
  child.once('close', (code) => (process.exitCode = code ?? 1));
}
