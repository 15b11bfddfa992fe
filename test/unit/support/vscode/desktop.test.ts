import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { processTable } from '../../../support/story/processTable.ts';
import { commandOf, desktopVariable, findDesktop, openDesktop } from '../../../support/vscode/desktop.ts';
import { leading, standInEditor } from '../../../support/vscode/standInEditor.ts';

describe('a desktop VS Code', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/airlock-desktop-`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (executable: string) =>
    openDesktop(executable, {
      data: `${folder}/data`,
      folder: `${folder}/project`,
      vsix: '/made/airlock.vsix',
      settings: { 'airlock.model.name': 'm' },
    });

  it('gets the extension by its command, then opens one window, both with folders of their own', async () => {
    const editor = await standInEditor(folder, { window: 'exit 0' });
    await open(editor.executable);
    const places = [
      '--no-sandbox',
      `--user-data-dir=${folder}/data/user`,
      `--extensions-dir=${folder}/data/extensions`,
    ];
    const [install, window, ...others] = editor.calls();
    assert.deepEqual(install?.args, [...places, '--install-extension', '/made/airlock.vsix', '--force']);
    assert.equal(install.program, editor.code);
    assert.deepEqual(window?.args, [
      ...places,
      ...['--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-updates'],
      ...['--disable-telemetry', '--new-window', `${folder}/project`],
    ]);
    assert.equal(window.program, editor.executable);
    assert.deepEqual(others, []);
    const settings: unknown = JSON.parse(readFileSync(`${folder}/data/user/User/settings.json`, 'utf8'));
    assert.deepEqual(settings, { 'airlock.model.name': 'm' });
  });

  it('is not led astray by an editor that this runs in', async () => {
    const before = { ...process.env };
    process.env[leading] = '1';
    try {
      const editor = await standInEditor(folder, { window: 'exit 0' });
      await open(editor.executable);
      assert.deepEqual(
        editor.calls().map(({ isLed }) => isLed),
        [false, false],
      );
    } finally {
      process.env = before;
    }
  });

  it('opens no window without the extension', async () => {
    const editor = await standInEditor(folder, { command: 'echo "Unsupported extension" >&2; exit 1' });
    await assert.rejects(open(editor.executable), /bin\/code failed \(1\):\nUnsupported extension/);
    assert.equal(editor.calls().length, 1);
  });

  it('says what a window said that ended badly', async () => {
    const editor = await standInEditor(folder, { window: 'echo "cannot open display" >&2; exit 134' });
    await assert.rejects(open(editor.executable), /failed \(134\):\ncannot open display/);
  });

  it('leaves nothing of a window that was closed', async () => {
    const window = `sleep 600 & echo $! > '${folder}/below'; exit 0`;
    const editor = await standInEditor(folder, { window });
    await open(editor.executable);
    const below = Number(readFileSync(`${folder}/below`, 'utf8'));
    assert.equal(processTable().has(below), false);
  });

  it('is refused where there is no command beside it', async () => {
    writeFileSync(`${folder}/code`, '');
    await assert.rejects(
      open(`${folder}/code`),
      /not the executable of a desktop VS Code: there is no \S+\/bin\/code\./,
    );
  });

  const layouts = [
    ['linux', 'opt/code', 'opt/bin/code'],
    ['linux', 'opt/code-insiders', 'opt/bin/code-insiders'],
    ['darwin', 'Code.app/Contents/MacOS/Electron', 'Code.app/Contents/Resources/app/bin/code'],
  ] as const;
  for (const [platform, executable, command] of layouts) {
    it(`has its command for ${executable} in ${command}`, () => {
      mkdirSync(dirname(`${folder}/${command}`), { recursive: true });
      writeFileSync(`${folder}/${command}`, '');
      assert.equal(commandOf(`${folder}/${executable}`, platform), `${folder}/${command}`);
    });
  }

  it('is the one that the environment names, which must be there', async () => {
    const before = { ...process.env };
    try {
      process.env[desktopVariable] = process.execPath;
      assert.equal(await findDesktop(), process.execPath);
      process.env[desktopVariable] = `${folder}/none`;
      await assert.rejects(findDesktop(), /AIRLOCK_VSCODE names \S+\/none, which is not there/);
    } finally {
      process.env = before;
    }
  });
});
