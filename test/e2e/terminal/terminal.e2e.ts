import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { running, sandboxProcesses } from '../../support/story/leftovers.ts';
import { Story } from '../../support/story/story.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { TerminalPanel } from '../../support/vscode/parts/terminals.ts';
import { Walk } from '../../support/vscode/walk.ts';
import { inOrder } from '../../support/story/inOrder.ts';

const open = 'Airlock: Open Terminal in Sandbox';
/** Everything that a hostile program could print to reach beyond its text, without a byte of plain text. */
const hostile = [
  ...[
    '\\033]52;c;c3RvbGVu\\007',
    '\\033]0;Local: bash\\007',
    '\\033]7;file:///etc\\007',
    '\\033]633;A\\007',
    '\\033]633;P;Cwd=/etc\\007',
  ],
  ...[
    '\\033]633;E;rm -rf ~\\007',
    '\\033]133;C\\007',
    '\\033]1337;SetMark\\007',
    '\\033]9;9;/etc\\007',
    '\\033]9;hello\\007',
    '\\033]10;?\\007',
  ],
  ...[
    '\\033[c',
    '\\033[>c',
    '\\033[5n',
    '\\033[6n',
    '\\033[?6n',
    '\\033[>q',
    '\\033[18t',
    '\\033[21t',
    '\\005',
    '\\033[?2026$p',
    '\\033P$qm\\033\\\\',
  ],
  ...[
    '\\033_G\\033\\\\',
    '\\033^x\\033\\\\',
    '\\033Xx\\033\\\\',
    '\\302\\23552;c;eA==\\302\\234',
    '\\033[?9001h',
    '\\033[5i',
  ],
];

/** A person's terminals in a sandbox, from the first key to the end of the session. */
describe('terminals in the sandbox', function () {
  this.timeout(240_000);
  inOrder();
  let walk: Walk;
  let story: Story;
  let terminal: TerminalPanel;

  before(async () => {
    const settings = {
      'airlock.process.keepAliveMinutes': 1,
      'terminal.integrated.enableMultiLinePasteWarning': 'never',
    };
    walk = await Walk.start({ name: 'terminal', fixture: 'hello-project', settings });
    story = new Story(walk);
    terminal = new TerminalPanel(walk.workbench.page);
    await story.start();
    await story.panel();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
  });

  it('opens from the palette, in the copy of the folder', async () => {
    await walk.workbench.command(open);
    await terminal.run('echo "at $(pwd): $((6*7)) ü文🙂"');
    await terminal.saw(/at \/workspace\/hello-project: 42 ü文🙂/);
    assert.match((await terminal.names())[0] ?? '', /^Sandbox: hello-project/);
    await terminal.run("printf '\\033[1;32mgreen\\033[0m \\033[44mblue\\033[0m\\n'");
    await walk.shot('palette');
  });

  it('runs a program that owns the whole screen, and survives a change of size', async () => {
    await terminal.run('vim -u NONE README.md');
    // Between marks vim names it; the line that starts vim has none.
    await terminal.saw(/"README\.md"/);
    await terminal.type('otyped in the sandbox');
    await terminal.press('Escape');
    await terminal.saw(/typed in the sandbox/);
    await walk.shot('vim');
    // A change of size draws the screen anew, and what was said of the width may be wiped with it: it is asked again.
    const width = async (isWanted: (columns: number) => boolean) =>
      await eventually(async () => {
        await terminal.type(':echo "columns" &columns');
        await terminal.press('Enter');
        const columns = Number(/columns (\d+)/.exec(await terminal.saw(/columns \d+/, 3000).catch(() => ''))?.[1]);
        return isWanted(columns) ? columns : undefined;
      }, 'the width');
    const wide = await width((columns) => columns > 0);
    const before = walk.workbench.page.viewportSize() ?? assert.fail();
    await walk.workbench.page.setViewportSize({ width: before.width - 300, height: before.height - 60 });
    const smaller = await width((columns) => columns < wide);
    await walk.shot('vim-smaller');
    await terminal.type(':wq');
    await terminal.press('Enter');
    await terminal.saw(/\$\s*$/);
    await terminal.run('stty size; grep -c typed README.md');
    assert.equal(Number(/^\d+ (\d+)$/m.exec(await terminal.saw(/^\d+ \d+\n1$/m))?.[1]), smaller);
    await walk.workbench.page.setViewportSize(before);
    await eventually(async () => {
      await terminal.run('clear; stty size');
      const now = Number(/^\d+ (\d+)$/m.exec(await terminal.saw(/^\d+ \d+$/m))?.[1]);
      return now > smaller || undefined;
    }, 'the old width');
  });

  it('passes Ctrl-C at once, also through a flood', async () => {
    await terminal.run('clear; sleep 98765');
    await eventually(() => Promise.resolve(sleeping(walk).length === 1 || undefined), 'the sleeping program');
    await terminal.press('Control+c');
    await eventually(() => Promise.resolve(sleeping(walk).length === 0 || undefined), 'the end of the program');
    await terminal.saw(/\^C[^]*\$\s*$/);
    await terminal.run('yes flood');
    await terminal.saw(/flood\nflood\nflood/);
    await terminal.press('Control+c');
    await eventually(() => {
      return Promise.resolve(sandboxProcesses(walk.storage, 'yes\u{0}flood').length === 0 || undefined);
    }, 'the end of the flood');
    // Nothing that was under way stands between the key and the next prompt for long.
    await terminal.saw(/\$\s*$/);
    await terminal.run('clear; echo "dry $((40+2))"');
    await terminal.saw(/^dry 42$/m);
  });

  it('takes a paste of 1 MB without loss', async () => {
    const paste = 'one megabyte! '.repeat(75_000).slice(0, 1_000_000);
    await walk.workbench.setClipboard(paste);
    await terminal.run(`clear; stty raw -echo; echo ready; head -c ${paste.length} | sha256sum; stty sane`);
    await terminal.saw(/^ready/m);
    await walk.workbench.command('Terminal: Paste into Active Terminal');
    const sum = createHash('sha256').update(paste).digest('hex');
    await terminal.saw(new RegExp(sum), 150_000);
  });

  it('shows hostile output as nothing', async () => {
    await walk.workbench.setClipboard('mine');
    await terminal.run(`clear; printf 'A%bB\\n' '${hostile.join('')}'; echo`);
    await terminal.saw(/^AB$/m);
    await terminal.run("printf 'see \\033]8;;https://evil.example/x\\007https://good.example\\033]8;;\\007\\n'");
    await terminal.saw(/see https:\/\/good\.example \(https:\/\/evil\.example\/x\)/);
    await terminal.run("printf 'see \\033]8;;file:///etc/passwd\\007this\\033]8;;\\007 http://localhost:5173/\\n'");
    await terminal.saw(/^see this http/m);
    await walk.shot('hostile');
    assert.equal(await walk.workbench.clipboard(), 'mine');
    const [name] = await terminal.names();
    assert.match(name ?? '', /^Sandbox: hello-project/);
    const { page } = walk.workbench;
    assert.equal(await page.locator('.terminal-command-decoration').count(), 0);
    await terminal.run('clear; echo "typed: []"');
    assert.doesNotMatch(await terminal.saw(/^typed: \[\]$/m), /\d;\d+[cRn]|\^\[/, 'nothing was typed by the terminal');
  });

  it('opens from the menu beside the +, several at once and beside each other', async () => {
    await terminal.openByMenu('Sandbox');
    await eventually(async () => (await terminal.names()).length === 2 || undefined, 'a second terminal');
    await eventually(async () => !(await terminal.text()).includes('typed: []') || undefined, 'its empty screen');
    await terminal.run('echo "second $((1+1))"');
    await terminal.saw(/second 2/);
    await walk.workbench.command('Airlock: Split Terminal in Sandbox');
    await eventually(async () => (await terminal.groupSize()) === 2 || undefined, 'a third terminal beside it');
    await eventually(async () => (await terminal.names()).length === 3 || undefined, 'three names');
    await terminal.run('echo "third $((1+2))"');
    await terminal.saw(/third 3/);
    await walk.shot('several');
    await walk.workbench.setTheme('Light Modern');
    await walk.shot('several-light');
    await walk.workbench.setTheme('Dark Modern');
  });

  it('closes a shell that ended well, and says how another one ended', async () => {
    await terminal.run('exit 0');
    await eventually(async () => (await terminal.names()).length === 2 || undefined, 'the end of the third');
    await eventually(async () => (await terminal.groupSize()) === 1 || undefined, 'one terminal beside none');
    await terminal.run('sh -c "exit 7"; exit 7');
    await terminal.saw(/Exit code 7\. Press Enter for a new shell\./);
    await walk.shot('exit-code');
    await terminal.press('Enter');
    await terminal.run('echo "anew $((3+4))"');
    await terminal.saw(/anew 7/);
  });

  it('ends what runs in a terminal that is closed', async () => {
    await terminal.run('sleep 98765');
    await eventually(() => Promise.resolve(sleeping(walk).length === 1 || undefined), 'the sleeping program');
    await walk.workbench.command('Terminal: Kill the Active Terminal Instance');
    await eventually(() => Promise.resolve(sleeping(walk).length === 0 || undefined), 'the end of the program');
    await eventually(async () => (await terminal.names()).length === 1 || undefined, 'the end of the tab');
  });

  it('comes back after a reload, with what it showed and what runs in it', async () => {
    await terminal.run('clear; echo "kept $((20+1))"; sleep 98765');
    await terminal.saw(/kept 21/);
    await walk.workbench.reload();
    await eventually(async () => (/Ready/.test(await story.status()) ? true : undefined), 'the session');
    // The editor opened a shell of its own in the open panel: what was there before lies over it again.
    await terminal.saw(/kept 21/);
    assert.equal(sleeping(walk).length, 1);
    await terminal.press('Control+c');
    await terminal.saw(/\^C[^]*\$\s*$/);
    await terminal.run('echo "goes on $((20+2))"');
    await terminal.saw(/goes on 22/);
    await story.panel();
    await walk.shot('reloaded');
  });

  it('tries to reconnect in view when the sandbox is gone, and says why it cannot', async () => {
    const [keeper] = sandboxProcesses(walk.storage);
    process.kill(keeper ?? assert.fail(), 'SIGKILL');
    await terminal.saw(/The connection was lost\. Trying to reconnect/);
    await terminal.saw(/goes on 22\n.*\n?.*The connection was lost[^]*Press Enter for a new shell/);
    await walk.shot('lost');
    await eventually(async () => !(await story.status()).includes('Ready') || undefined, 'a sandbox that is not ready');
    await walk.workbench.command('Airlock: Restart Sandbox');
    await eventually(async () => (/Ready/.test(await story.status()) ? true : undefined), 'the session');
    await terminal.press('Enter');
    await terminal.run('echo "restarted $((20+3))"');
    await terminal.saw(/restarted 23/);
  });

  it('leaves nothing running when the session is deleted', async () => {
    const pids = sandboxProcesses(walk.storage);
    await story.delete();
    await eventually(() => Promise.resolve(running(pids).length === 0 || undefined), 'the end of the sandbox');
    await walk.workbench.command('Terminal: Focus Terminal');
    await terminal.saw(/It was ended\. Press Enter/);
  });
});

/** The programs in the walk's sandboxes that sleep for as long as no other test asks for. */
function sleeping(walk: Walk): number[] {
  return sandboxProcesses(walk.storage, 'sleep\u{0}98765');
}
