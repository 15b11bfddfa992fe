import { after, before, describe, it } from 'mocha';
import { onlyOnLinux } from '../support/commands/results.ts';
import { JailYard, type Jail } from '../support/process/jail.ts';
import { describeChains } from './walls.chains.ts';
import { describeAttacks } from './walls.outside.ts';
import { describeEscapes } from './walls.life.ts';
import { describeStarts } from './walls.start.ts';

/** Small enough that a test reaches the limits quickly. */
const tight = { memoryMb: 640, maxProcesses: 160, maxFileMb: 64, maxOpenFiles: 300 };
const users = process.getuid?.() === 0 ? (['superuser', 'ordinary'] as const) : (['ordinary'] as const);

for (const user of users) {
  describe(`the walls of the built-in sandbox, started by ${user === 'ordinary' ? 'an ordinary user' : 'the superuser'}`, function () {
    this.timeout(240_000);
    let yard: JailYard;
    let jail: Jail;

    before(async function () {
      onlyOnLinux(this);
      yard = await JailYard.make(user);
      jail = yard.open();
      await jail.create(tight);
    });

    after(async () => {
      // Not there where the suite is skipped.
      await (yard as JailYard | undefined)?.clear();
    });

    describeAttacks(() => jail);
    describeChains(() => yard);
    describeEscapes(() => ({ yard, jail }));
    describeStarts(() => yard);

    it('never runs anything as the superuser', async () => {
      const { text } = await jail.run('id -u; stat -c %u /proc/1');
      const [own, first] = text.trim().split('\n').map(Number);
      if (own === undefined || own < 1 || own !== first) throw new Error(`runs as ${text}`);
    });
  });
}
