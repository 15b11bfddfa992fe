// npm test [-- layer ...] [-- mocha's options]: runs all layers, or the named ones with what they need, to the end.
import { layers, needs, soak } from './layers.ts';
import { prepare } from './prepare.ts';
import { isDebianRoot } from './system.mjs';
import { leftInRig } from '../smolvm/leftInRig.ts';

const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => arg.startsWith('-'));
const named = firstOption < 0 ? args : args.slice(0, firstOption);
const mochaArgs = firstOption < 0 ? [] : args.slice(firstOption);
const all = [...layers, soak];
const known = new Set(all.map(({ name }) => name));
const wrong = named.filter((name) => !known.has(name));
if (wrong.length > 0) {
  console.error(`No such layer: ${wrong.join(', ')}. There are ${[...known].join(', ')}.`);
  process.exit(2);
}
const wanted = new Set(
  named.length === 0 ? layers.map(({ name }) => name) : named.flatMap((name) => [...(needs[name] ?? []), name]),
);

if (!(await prepare(wanted))) process.exit(2);
let passed = 0;
let failed = 0;
const skipped: string[] = [];
const failures: string[] = [];
for (const { name, run } of all.filter((layer) => wanted.has(layer.name))) {
  const start = Date.now();
  console.log(`\n== ${name}`);
  const results = await run(mochaArgs);
  passed += results.passed;
  failed += results.failed;
  skipped.push(...results.skipped);
  failures.push(...results.failures.map((said) => `${name}: ${said}`));
  console.log(
    `== ${name}: ${results.passed} passed, ${results.failed} failed, ${((Date.now() - start) / 1000).toFixed(1)} s`,
  );
}

// Layers whose tests start virtual machines: they outlive whoever has started them.
if (['conformance', 'e2e', 'soak'].some((name) => wanted.has(name))) {
  const left = await leftInRig().catch((error: unknown) => [String(error)]);
  failures.push(...left.map((line) => `left over: ${line}`));
  failed += left.length;
}

console.log('');
for (const line of skipped) console.log(`skipped: ${line}`);
for (const said of failures) console.log(`failed: ${said}`);
// Where everything can be had, a skip would hide that something is not tested.
const skipsCount = process.env['CI'] === 'true' && isDebianRoot();
if (skipsCount && skipped.length > 0) console.log('No test may be skipped here (CI on Debian as root).');
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 || (skipsCount && skipped.length > 0) ? 1 : 0;
