// npm run smolvm-rig [-- check]: prepares the published programs of SmolVM with a guest that an emulator boots and prints
// where they are. Everything lies in the git-ignored cache. `check` fails where a virtual machine of the rig is left.
import { leftInRig } from '../smolvm/leftInRig.ts';
import { prepareRig } from '../smolvm/rig.ts';

const started = Date.now();
const prepared = await prepareRig();
if (!prepared.ok) {
  console.error(`The rig cannot be prepared here: ${prepared.reason}`);
  process.exit(2);
}
console.log(`The rig is ready (${((Date.now() - started) / 1000).toFixed(1)} s): ${prepared.rig.folder}`);
for (const { program } of Object.values(prepared.rig.programs)) console.log(`  ${program}`);
console.log('For example: … sandbox create --name try --os alpine --comm-channel ssh --boot-timeout 120 --json');
if (process.argv[2] === 'check') {
  const left = await leftInRig();
  console.log(left.length === 0 ? 'Nothing of it runs or is listed.' : left.join('\n'));
  process.exitCode = left.length === 0 ? 0 : 1;
}
