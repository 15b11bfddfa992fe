import { fileURLToPath } from 'node:url';
import type { Provider } from '../../src/core/sandbox.ts';
import { resumeSandbox } from './harness.ts';
import { sh } from './running.ts';
import { smolvmHarness } from './smolvmHarness.ts';

const plain = smolvmHarness('smolvm', fileURLToPath(import.meta.url));

/** Virtual machines whose Perl is moved aside before they are worked in: our program inside runs in Python. */
export const harness: typeof plain = {
  ...plain,
  provider: async () => withoutPerl(await plain.provider()),
};

function withoutPerl(provider: Provider): Provider {
  const create: Provider['create'] = async (...asked) => {
    const created = await provider.create(...asked);
    if (created.kind !== 'ready') return created;
    await sh(created.sandbox, 'mv /usr/bin/perl /usr/bin/perl-aside');
    await created.sandbox.detach();
    const { sandbox } = await resumeSandbox(plain, created.sandbox.state());
    return { ...created, sandbox };
  };
  return { ...provider, create };
}
