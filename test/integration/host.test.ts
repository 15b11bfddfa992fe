import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { z } from 'zod';

const manifestSchema = z.object({
  contributes: z.object({ commands: z.array(z.object({ command: z.string() })).optional() }),
});

describe('the extension host', () => {
  it('runs with a folder and the extension', async () => {
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
    const extension = vscode.extensions.getExtension('airlock-dev.airlock');
    assert.ok(extension, 'the extension is there');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('registers every command that the manifest names', async () => {
    const known = await vscode.commands.getCommands(true);
    const manifest = manifestSchema.parse(vscode.extensions.getExtension('airlock-dev.airlock')?.packageJSON);
    const named = manifest.contributes.commands ?? [];
    assert.deepEqual(
      named.map(({ command }) => command).filter((command) => !known.includes(command)),
      [],
    );
  });
});
