import type { Machine } from '../../../support/commands/demo/machine.mjs';

/** A machine on which all is well and everything is there, except as told. */
export function machineWith(different: Partial<Omit<Machine, 'here' | 'find'>> & Differences = {}): Machine {
  const { programs = ['git', 'bwrap', 'chromium', 'apt-get'], missing = [], ...rest } = different;
  const isHere = (part: keyof Machine['here']) => !missing.includes(part);
  return {
    platform: 'linux',
    arch: 'x64',
    node: '24.1.0',
    env: {},
    hasApt: false,
    find: (name) => (programs.includes(name) ? `/usr/bin/${name}` : undefined),
    exists: () => false,
    read: () => '',
    tryBubblewrap: () => ({ status: 0, stderr: '' }),
    here: {
      dependencies: isHere('dependencies'),
      node24: isHere('node24'),
      editorServer: isHere('editorServer'),
      desktopEditor: isHere('desktopEditor'),
      carriedChromium: isHere('carriedChromium'),
    },
    freeMegabytes: 100_000,
    npmAnswers: () => {
      throw new Error('The network was asked.');
    },
    ...rest,
  };
}

interface Differences {
  /** All that PATH holds. */
  readonly programs?: readonly string[];
  /** What was not fetched yet. */
  readonly missing?: readonly (keyof Machine['here'])[];
}
