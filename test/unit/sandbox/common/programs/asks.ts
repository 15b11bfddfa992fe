// Asks one URL through a dispatcher with these settings and prints what came of it. What a process trusts is settled when
// it starts, by its environment.
import { NetworkDispatcher } from '../../../../../src/sandbox/common/dispatcher.ts';
import { networkSettings } from '../../../../../src/sandbox/common/networkSettings.ts';

const [url = '', settings = '{}'] = process.argv.slice(2);
const values = JSON.parse(settings) as Record<string, unknown>;
const dispatcher = new NetworkDispatcher(() =>
  networkSettings(
    (id) => values[id],
    () => undefined,
  ),
);
const { origin, pathname } = new URL(url);
try {
  const { body } = await dispatcher.request({ origin, path: pathname, method: 'GET' });
  console.log(await body.text());
} catch (error) {
  console.log(error instanceof Error && 'code' in error ? error.code : error);
}
await dispatcher.destroy();
