// @ts-check
// npm run demo [-- --headless]: looks at the machine, and where all is well installs what is missing and starts the demo.
import { spawn } from 'node:child_process';
import { probeMachine } from './demo/probes.mjs';

const headless = process.argv.includes('--headless') || !process.stdout.isTTY;

// Windows is answered by the bootstrap, in one sentence.
const probes = process.platform === 'win32' ? [] : probeMachine(headless);
for (const { name, ok, says } of probes) console.log(`${ok ? 'ok  ' : 'no  '}${name.padEnd(8)} ${says}`);
const wrong = probes.filter(({ ok }) => !ok);
for (const { name, fix } of wrong) console.log(`\nTo fix ${name}:\n  ${fix}`);

if (wrong.length > 0) {
  process.exitCode = 2;
} else {
  const here = import.meta.dirname;
  const args = [`${here}/bootstrap.mjs`, `${here}/demo/main.ts`, ...(headless ? ['--headless'] : [])];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // The demo decides itself how it ends; this process only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('close', (code) => (process.exitCode = code ?? 1));
}
