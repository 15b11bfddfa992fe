import assert from 'node:assert/strict';
import { missingParts } from '../../../support/commands/demo/parts.mjs';
import { machineWith } from './machine.ts';

const everything = ['dependencies', 'node24', 'editorServer', 'desktopEditor', 'carriedChromium'] as const;
const screen = { DISPLAY: ':0' };

/** What a run would fetch, by name and where it comes from. */
const fetched = (different: Parameters<typeof machineWith>[0], headless: boolean) =>
  missingParts(machineWith(different), headless).map(({ name, from }) => `${name} (${from})`);

describe('what the demo would still fetch', () => {
  it('is nothing where everything that this run uses is there', () => {
    assert.deepEqual(fetched({}, true), []);
    assert.deepEqual(fetched({ env: screen }, false), []);
    assert.deepEqual(fetched({ node: '20.19.0', programs: ['git', 'bwrap'] }, true), []);
  });

  it('has no second Node where the one that runs is right', () => {
    const missing = ['node24'] as const;
    assert.deepEqual(fetched({ missing }, true), []);
    for (const node of ['20.19.0', '22.18.0', '26.0.0']) {
      assert.deepEqual(fetched({ missing, node }, true), ['Node 24 (npm)']);
    }
    // The window is VS Code itself, and TypeScript runs on the Node that is there.
    assert.deepEqual(fetched({ missing, node: '22.18.0', env: screen }, false), []);
    assert.deepEqual(fetched({ missing, node: '22.17.0', env: screen }, false), ['Node 24 (npm)']);
  });

  it('has the editor that will be opened, and no other', () => {
    assert.deepEqual(fetched({ missing: ['desktopEditor'] }, true), []);
    assert.deepEqual(fetched({ missing: ['desktopEditor'] }, false), []);
    assert.deepEqual(fetched({ missing: ['editorServer'], env: screen }, false), []);
    assert.deepEqual(fetched({ missing: ['editorServer'] }, false), ['VS Code as a server (npm)']);
    assert.deepEqual(fetched({ missing: ['editorServer'], env: screen }, true), ['VS Code as a server (npm)']);
    const named = { ...screen, AIRLOCK_VSCODE: '/opt/code/code' };
    assert.deepEqual(fetched({ missing: ['editorServer', 'desktopEditor'], env: named }, false), []);
  });

  it('has VS Code itself where there is a screen, which is done without where the server is there', () => {
    const env = { WAYLAND_DISPLAY: 'wayland-0', DISPLAY: '' };
    assert.deepEqual(fetched({ missing: ['desktopEditor', 'editorServer'], env }, false), ['VS Code (npm)']);
    const optional = ['VS Code itself, where it can be had (optional)'];
    assert.deepEqual(fetched({ missing: ['desktopEditor'], env }, false), optional);
  });

  it('has a browser only for a walk without a person, and only where none is there', () => {
    const programs = ['git', 'bwrap'];
    const missing = ['carriedChromium'] as const;
    assert.deepEqual(fetched({ programs, missing }, true), ['Chromium (npm)']);
    assert.deepEqual(fetched({ programs, missing, hasApt: true }, true), ['Chromium (apt)']);
    assert.deepEqual(fetched({ programs, missing }, false), []);
    assert.deepEqual(fetched({ programs, missing, env: { AIRLOCK_CHROMIUM: '/opt/chrome' } }, true), []);
  });

  it('has programs of the system only where apt may install them', () => {
    assert.deepEqual(fetched({ programs: ['chromium'], hasApt: true }, true), ['bwrap (apt)', 'git (apt)']);
    assert.deepEqual(fetched({ programs: ['chromium'] }, true), []);
  });

  it('is everything in a fresh clone', () => {
    const fresh = { missing: everything, node: '20.19.0', programs: ['apt-get'], hasApt: true };
    assert.deepEqual(fetched(fresh, true), [
      "the project's dependencies (npm)",
      'bwrap (apt)',
      'git (apt)',
      'Node 24 (npm)',
      'VS Code as a server (npm)',
      'Chromium (apt)',
    ]);
  });
});
