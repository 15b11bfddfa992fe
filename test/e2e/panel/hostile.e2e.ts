import assert from 'node:assert/strict';
import type { TranscriptItem } from '../../../src/shared/view.ts';
import { openStage, PanelPage, type Stage } from './support/page.ts';
import { command, items, message, session, state } from './support/states.ts';

const esc = '\u001b';
const override = '\u202e';

const markdown = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 1">',
  '<svg onload="window.hacked = 1"><style>* { display: none }</style></svg>',
  '<iframe src="https://evil.example"></iframe><object data="x"></object><base href="https://evil.example">',
  '<form action="https://evil.example"><input name="key"><button>Apply</button></form>',
  '<div id="airlock" name="body" style="position:fixed;inset:0" onclick="window.hacked = 1">over all</div>',
  '[click](javascript:window.hacked=1) [click](command:workbench.action.quit) [click](data:text/html,<script>1</script>)',
  '![pixel](https://evil.example/pixel.png) ![pixel](//evil.example/x)',
  '<https://evil.example/auto> [x]: javascript:alert(1)',
  '| a |\n|:-:|\n| <b style="color:red">x</b> |',
  '```html" onmouseover="window.hacked = 1\n<script>window.hacked = 1</script>\n```',
  '`<b>` ``<img src=x onerror=alert(1)>``',
  `safe${override}gpj.exe`,
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hacked=1&gt;">',
].join('\n\n');

const name = `a\nb${override}<img src=x onerror=window.hacked=1>.js`;

const hostile: TranscriptItem[] = [
  { kind: 'prompt', id: '<script>', at: 0, text: `<b>bold</b> ${override}` },
  message(markdown, '__proto__'),
  command({
    id: 'constructor',
    command: `ls ${override}; <img src=x onerror=window.hacked=1>`,
    cwd: name,
    outcome: '<script>window.hacked=1</script>',
    ok: false,
    output: `${esc}]8;;javascript:alert(1)${esc}\\link${esc}]8;;${esc}\\ ${esc}]0;title\u0007<script>window.hacked=1</script>\n${esc}[31${esc}[9999999;1mx${esc}[38;2;1"style="${esc}[m\n${'y'.repeat(300_000)}`,
  }),
  {
    kind: 'edit',
    id: 'e',
    edit: 'update',
    path: name,
    ok: true,
    diff: `+<script>window.hacked=1</script>${override}\n-</div>`,
    detail: '<b>x</b>',
  },
  {
    kind: 'notice',
    id: 'n',
    level: 'error',
    text: '<img src=x onerror=window.hacked=1>',
    fix: { id: 'x', title: 'Fix', command: `rm ${override}` },
  },
  { kind: 'notice', id: 'b', level: 'error', text: 'No.', fix: { id: 'x', title: '<b>Fix</b>' } },
];

describe('hostile text in the panel', () => {
  let stage: Stage;
  let panel: PanelPage;

  before(async function () {
    this.timeout(240_000);
    stage = await openStage();
    const summary = { ...session, title: `<b>${override}`, sandbox: '<i>x</i>', statusText: '<b>' };
    panel = await PanelPage.open(stage.browser, stage.origin, {
      answers: [state({ session: summary, transcript: hostile })],
    });
    await panel.drawn(20);
  });

  after(() => stage.close());

  const count = (selector: string): Promise<number> => panel.page.locator(selector).count();

  it('runs nothing, breaks no rule of the policy, throws nothing', async () => {
    assert.equal(await panel.page.evaluate('window.hacked'), undefined);
    assert.deepEqual(await panel.wrongs(), []);
  });

  it('makes no element that loads, submits, styles or frames', async () => {
    assert.equal(
      await count(
        '[role=log] :is(script, style, link, img, svg, math, iframe, object, embed, form, input, base, meta, video)',
      ),
      0,
    );
  });

  it('makes no attribute that acts, styles, names or navigates', async () => {
    const names = await panel.page.evaluate(
      `[...new Set([...document.querySelectorAll('.item *')].flatMap((element) => element.getAttributeNames()))].sort()`,
    );
    const ours = [
      'aria-controls',
      'aria-expanded',
      'aria-hidden',
      'aria-label',
      'class',
      'data-look',
      'dir',
      'hidden',
      'id',
      'role',
      'tabindex',
      'title',
      'type',
    ];
    assert.deepEqual(
      (names as string[]).filter((one) => !ours.includes(one)),
      [],
    );
    assert.equal(await count('.item [id]:not([id^=part-])'), 0);
    assert.equal(await count('body :is(a, [href], [onclick], [name])'), 0);
  });

  it('shows every tag as the text that it is', async () => {
    const text = await panel.page.getByRole('log').innerText();
    for (const part of [
      '<script>window.hacked = 1</script>',
      '<iframe src="https://evil.example">',
      '<b>bold</b>',
      '<b>Fix</b>',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  it('names what would reorder or hide, in prose, commands, paths, diffs and titles', async () => {
    const text = await panel.page.evaluate(
      'document.body.innerText + [...document.querySelectorAll("[title]")].map((e) => e.title)',
    );
    assert.ok(typeof text === 'string' && !text.includes(override));
    assert.ok(text.includes('a<U+000A>b<U+202E><img'));
  });

  it('draws no link but to the web and to files, and says where each leads', async () => {
    const links = await panel.page.evaluate(
      `[...document.querySelectorAll('.message [role=link]')].map((one) => one.title)`,
    );
    assert.deepEqual(links, [
      ...Array<string>(3).fill('https://evil.example/'),
      'https://evil.example/pixel.png',
      'https://evil.example/auto',
    ]);
  });

  it('cuts an endless line', async () => {
    assert.match(await panel.page.locator('.command .line').last().innerText(), /more characters$/);
  });

  it('keeps what it draws inside its item', async () => {
    await panel.send(items(message(`${'Z\u0351\u034a\u036b'.repeat(3_000)}\n\n${'x'.repeat(7_000)}`, 'zalgo')));
    const width = await panel.page.evaluate('document.documentElement.scrollWidth <= window.innerWidth');
    assert.equal(width, true);
  });

  it('does not leave the page, by any key or button', async () => {
    const address = panel.page.url();
    // What is far away is not drawn.
    await panel.page.getByRole('log').hover();
    await panel.page.mouse.wheel(0, -1_000_000);
    const link = panel.page.locator('.message [role=link]').first();
    await link.click();
    await link.click({ button: 'middle' });
    await link.click({ modifiers: ['Control'] });
    await link.focus();
    await panel.page.keyboard.press('Enter');
    assert.equal(panel.page.url(), address);
    assert.equal(panel.page.context().pages().length, 1);
    const opened = (await panel.posted()).filter((one) => one.type === 'open-link');
    assert.ok(opened.length >= 3 && opened.every((one) => one.href === 'https://evil.example/'));
  });
});
