import assert from 'node:assert/strict';
import type { FromPanel } from '../../../src/shared/protocol.ts';
import { present } from '../../support/present.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { longTranscript } from './support/long.ts';
import { onPanel, type PanelPage } from './support/page.ts';
import { command, items, message, session, state, status, walk, working } from './support/states.ts';

describe('the panel', function () {
  this.timeout(240_000);
  const row = onPanel();
  const { open } = row;

  const box = (): ReturnType<PanelPage['page']['getByRole']> => row.panel.page.getByRole('textbox', { name: 'Prompt' });
  const button = (name: string): ReturnType<PanelPage['page']['getByRole']> =>
    row.panel.page.getByRole('button', { name, exact: true });
  const log = (): ReturnType<PanelPage['page']['getByRole']> => row.panel.page.getByRole('log');

  async function posted<Type extends FromPanel['type']>(type: Type): Promise<Extract<FromPanel, { type: Type }>[]> {
    return (await row.panel.posted()).filter((one): one is Extract<FromPanel, { type: Type }> => one.type === type);
  }

  /** A wheel is obeyed in a later moment than the one in which it turns. */
  async function isAtEnd(wanted = true): Promise<void> {
    await eventually(async () => (await fromEnd()) < 2 === wanted || undefined, wanted ? 'the end' : 'another place');
  }

  async function fromEnd(): Promise<number> {
    const left = await row.panel.page.evaluate(
      `(() => { const l = document.querySelector('[role=log]'); return l.scrollHeight - l.scrollTop - l.clientHeight; })()`,
    );
    return Number(left);
  }

  it('says ready first, and shows nothing before it is told what is so', async () => {
    await row.openWith({});
    assert.deepEqual(await row.panel.posted(), [{ type: 'ready' }]);
    assert.equal(await box().isVisible(), false);
  });

  it('always shows sandbox, model and host, with what the sandbox isolates', async () => {
    await open({ session });
    const sandbox = row.panel.page.getByRole('button', {
      name: /^Sandbox: Built-in sandbox\. Commands run as confined/,
    });
    assert.equal(await sandbox.innerText(), 'Built-in sandbox');
    const model = row.panel.page.getByRole('button', { name: /^Model gpt-5.4, asked at api.openai.com/ });
    assert.match(await model.innerText(), /gpt-5\.4\s*api\.openai\.com/);
    await model.click();
    await sandbox.click();
    await button('New session').click();
    assert.deepEqual(
      (await row.panel.posted()).slice(1).map(({ type }) => type),
      ['choose-model', 'choose-sandbox', 'new-session'],
    );
  });

  it('sends by Enter, breaks the line by Shift+Enter, and not while a character is composed', async () => {
    await open({ session });
    await box().fill('first');
    await box().press('Shift+Enter');
    await box().pressSequentially('second');
    await box().dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    assert.deepEqual(await posted('send'), []);
    await box().press('Enter');
    assert.deepEqual(await posted('send'), [{ type: 'send', prompt: 'first\nsecond', session: session.id }]);
    assert.equal(await box().inputValue(), '');
    assert.equal((await posted('draft')).at(-1)?.text, '');
  });

  it('sends nothing where nothing can be sent, and keeps what was written', async () => {
    await open({ session: working, canSend: false, canStop: true });
    await box().fill('next');
    await box().press('Enter');
    assert.deepEqual(await posted('send'), []);
    assert.equal(await box().inputValue(), 'next');
    assert.equal(await button('Send').isDisabled(), true);
    assert.equal(await row.panel.page.getByText('You can send when the agent is done.').isVisible(), true);
  });

  it('offers Stop while the agent works, and Esc stops nothing', async () => {
    await open({ session: working, transcript: [...walk], canSend: false, canStop: true }, { width: 250, height: 400 });
    await box().press('Escape');
    await log().press('Escape');
    assert.deepEqual(await posted('stop'), []);
    await button('Stop').click();
    assert.equal((await posted('stop')).length, 1);
    await row.panel.send(status({ session }));
    assert.equal(await button('Stop').isVisible(), false);
  });

  it('keeps the draft over a reload, and never overwrites what was written', async () => {
    await open({ draft: 'from before' });
    assert.equal(await box().inputValue(), 'from before');
    await box().fill('half a thou');
    await row.panel.page.reload();
    await row.panel.page.waitForFunction('airlock.posted.length > 0');
    await row.panel.drawn();
    assert.equal(await box().inputValue(), 'half a thou');
    await row.panel.send(state({ draft: 'another' }));
    assert.equal(await box().inputValue(), 'half a thou');
  });

  it('begins with three examples that fill the box and send nothing', async () => {
    await open();
    const examples = row.panel.page.locator('.example');
    assert.equal(await examples.count(), 3);
    await examples.first().click();
    assert.equal(await box().inputValue(), 'Fix the failing test');
    assert.deepEqual(await posted('send'), []);
  });

  it('says what is in the way, with a command to copy or one button', async () => {
    const fix = { id: 'show-command', title: 'Show Command', command: 'sudo apt-get install -y bubblewrap' };
    const blocked = { text: 'Bubblewrap is not installed.', fix };
    await open({ canSend: false, blocked });
    assert.equal(await box().isDisabled(), true);
    assert.equal(await button('Show Command').count(), 0, 'it is shown');
    await button('Copy command').click();
    await row.panel.send(status({ canSend: false, blocked: { ...blocked, fix: { id: 'sign-in', title: 'Sign In' } } }));
    await button('Sign In').click();
    assert.deepEqual((await row.panel.posted()).slice(1), [
      { type: 'copy', text: fix.command },
      { type: 'fix', id: 'sign-in' },
    ]);
    await row.panel.send(items(message('x')), status({ canSend: false, blocked }));
    assert.equal(await row.panel.page.locator('.bars').getByText(blocked.text).isVisible(), true);
  });

  it('offers Continue and Review where there is something to continue or review', async () => {
    await open({ session: { ...session, changes: 4 }, transcript: [...walk], canContinue: true });
    await button('Continue').click();
    await button('Review').click();
    assert.deepEqual(
      (await row.panel.posted()).slice(1).map(({ type }) => type),
      ['continue', 'review'],
    );
    assert.equal(await row.panel.page.getByText('4 files changed').isVisible(), true);
    await row.panel.send(status({ session }));
    assert.equal(await button('Review').isVisible(), false);
    assert.equal(await button('Continue').isVisible(), false);
  });

  it('streams words and output, and keeps what came', async () => {
    await open({
      session: working,
      canStop: true,
      transcript: [message('One ', 'm', true), command({ id: 'c', state: 'running' })],
    });
    await row.panel.send(
      { type: 'text-delta', id: 'm', text: '**two**' },
      { type: 'output-delta', id: 'c', text: '\u001b[31mred\u001b[0m\nnext' },
    );
    assert.equal(await row.panel.page.locator('.message strong').innerText(), 'two');
    assert.equal(await row.panel.page.locator('.lines').innerText(), 'red\nnext');
    assert.equal(await row.panel.page.locator('.ansi-front-1').innerText(), 'red');
    await row.panel.send(
      items(
        command({
          id: 'c',
          output: '\u001b[31mred\u001b[0m\nnext\n',
          omittedBytes: 0,
          ok: false,
          outcome: 'killed by SIGKILL',
        }),
      ),
    );
    assert.equal(await row.panel.page.locator('.command .state').innerText(), 'killed by SIGKILL');
    assert.equal(await row.panel.page.locator('.line').count(), 3);
  });

  it('closes and opens a card by the keyboard', async () => {
    await open({ session, transcript: [command({ output: 'said\n' })] });
    const toggle = row.panel.page.locator('.command .toggle');
    assert.equal(await toggle.getAttribute('aria-expanded'), 'false');
    await toggle.press('Enter');
    assert.equal(await toggle.getAttribute('aria-expanded'), 'true');
    assert.equal(await row.panel.page.getByText('said', { exact: true }).isVisible(), true);
  });

  it('keeps the arrow of an open card beside its command, however long that is', async () => {
    await open({ transcript: [command({ command: Array(8).fill('echo again').join('\n'), ok: false })] });
    const boxOf = async (part: string) => present(await row.panel.page.locator(part).boundingBox());
    const [arrow, text] = [await boxOf('.command .toggle > .codicon'), await boxOf('.command .command-text')];
    assert.ok(arrow.x + arrow.width <= text.x, `${JSON.stringify(arrow)} ${JSON.stringify(text)}`);
  });

  it('opens the file of an edit', async () => {
    await open({ session, transcript: [...walk] });
    await row.panel.page.locator('.edit [role=link]').first().press('Enter');
    assert.deepEqual(await posted('open-file'), [{ type: 'open-file', path: 'src/cart.js' }]);
  });

  it('stays at the end, unless the person went up; a button leads back', async () => {
    await open({ session, transcript: longTranscript(100) });
    await isAtEnd();
    await row.panel.send(items(message('word\n\n'.repeat(60), 'long')));
    await row.panel.drawn(15);
    await isAtEnd();
    await log().hover();
    await row.panel.page.mouse.wheel(0, -1500);
    await isAtEnd(false);
    await row.panel.drawn(15);
    const before = await fromEnd();
    await row.panel.send(items(message('word\n\n'.repeat(60), 'more')));
    await eventually(async () => (await fromEnd()) > before || undefined, 'a place further from the end');
    await button('Jump to latest').click();
    await isAtEnd();
    await button('Jump to latest').waitFor({ state: 'hidden' });
  });

  it('stays at the end where it grows between a scroll and its event', async () => {
    await open({ session, transcript: longTranscript(20) });
    await row.panel.drawn(15);
    await row.panel.page.evaluate(`{
      const log = document.querySelector('[role=log]');
      const grown = document.createElement('div');
      grown.style.height = '300px';
      [...log.querySelectorAll('.page')].at(-1).append(grown);
      log.dispatchEvent(new Event('scroll'));
    }`);
    await isAtEnd();
  });

  it('tells screen readers the end of a turn and errors, not every word', async () => {
    await open({ session: working, canStop: true, transcript: [message('a', 'm', true)] });
    const region = row.panel.page.locator('[aria-live=polite]');
    assert.equal(await region.count(), 1);
    assert.equal(await log().getAttribute('aria-live'), 'off');
    await row.panel.send({ type: 'text-delta', id: 'm', text: ' word' });
    assert.equal(await region.textContent(), '');
    await row.panel.send(status({ session: { ...session, changes: 2 } }));
    assert.equal(await region.textContent(), 'The agent is done. 2 files changed.');
    await row.panel.send(items({ kind: 'notice', id: 'n', level: 'error', text: 'The model refused the key.' }));
    assert.equal(await region.textContent(), 'Error: The model refused the key.');
  });

  it('gives every button, link and field a name', async () => {
    await open({ session: { ...working, changes: 1 }, transcript: [...walk], canStop: true, canContinue: true });
    const nameless = await row.panel.page.evaluate(
      `[...document.querySelectorAll('button, [role=link], textarea, [tabindex="0"]')].filter((element) =>
        !(element.getAttribute('aria-label') || element.textContent.trim())).map((element) => element.outerHTML)`,
    );
    assert.deepEqual(nameless, []);
  });

  it('puts the cursor into the box when asked to', async () => {
    await open();
    await row.panel.send({ type: 'focus-prompt' });
    assert.equal(await row.panel.page.evaluate('document.activeElement.tagName'), 'TEXTAREA');
  });

  it('says why nothing can be sent: not by a state in which one could', async () => {
    const reason = '.composer .reason';
    await open({ session, canSend: false });
    const said = async () => await row.panel.page.locator(reason).innerText();
    assert.equal(await said(), 'Your prompt waits to be sent.');
    await row.panel.send(status({ session: working, canSend: false, canStop: true }));
    assert.equal(await said(), 'You can send when the agent is done.');
    await row.panel.send(
      status({ session: { ...session, status: 'stopping', statusText: 'Pausing' }, canSend: false }),
    );
    assert.equal(await said(), 'Pausing');
    const starting = { ...session, status: 'starting', statusText: 'Starting sandbox' } as const;
    await row.panel.send(status({ session: starting, canSend: false }));
    assert.equal(await row.panel.page.locator(reason).isVisible(), false, 'it is said above, and once');
    assert.equal(await row.panel.page.locator('.activity').innerText(), 'Starting sandbox');
  });

  it('says once that another window works with the session', async () => {
    const blocked = { text: 'Another window works with this session. You can watch it here.' };
    await open({
      session: { ...session, changes: 3, elsewhere: true },
      transcript: [...walk],
      canSend: false,
      blocked,
    });
    assert.equal(await row.panel.page.getByText('Another window works').filter({ visible: true }).count(), 1);
    assert.equal(await box().isDisabled(), true);
    assert.equal(await button('Review').isVisible(), false, 'what changed is shown there alone');
  });
});
