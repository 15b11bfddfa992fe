// npm run celesto-double -- [options]: starts a local double of the hosted Celesto API, prints one line of JSON with its
// url and key, and runs until it is told to end. --help lists the options.
import { startCelestoDouble } from '../celesto/double.ts';
import { readOptions, usage } from '../celesto/options.ts';

const read = readOptions(process.argv.slice(2));
if (read.kind !== 'options') {
  console.error(read.kind === 'wrong' ? `${read.message}\n\n${usage}` : usage);
  process.exit(read.kind === 'wrong' ? 2 : 0);
}
const double = await startCelestoDouble(read.options);
const end = () => {
  double.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
// Whoever started it may read the line and go: a closed pipe is no reason to end without tidying up.
process.stdout.on('error', end);
console.log(JSON.stringify({ url: double.url, apiKey: double.apiKey }));
