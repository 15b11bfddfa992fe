import { join } from 'node:path';
import type { Machine } from '../core/machine.ts';
import type { Applier, Ledger, LocalFolder, OwnerLeases, SessionStore } from '../core/storage.ts';
import { fileApplier } from './applier.ts';
import { openBlobStore } from './blobs/blobStore.ts';
import { fileLedger } from './ledger.ts';
import { localFolder, type FolderPlace } from './folder.ts';
import { ownerLeases } from './ownerLease.ts';
import { fileSessionStore } from './sessionStore.ts';
import { journalName, storageRoot } from './storageRoot.ts';

export { thisMachine } from './spawn.ts';
export type { FolderPlace } from './folder.ts';

export interface HostOptions {
  /** The extension's global storage folder, absolute. */
  readonly storageRoot: string;
  readonly machine: Machine;
  /** Whether the person trusts the opened folders now: git is asked about no other. */
  readonly trusted: () => boolean;
  /** Most bytes that the store of one session may take on disk. Default 8 GiB. */
  readonly maxStoreBytes?: number;
}

/** This machine behind core's ports. */
export interface HostServices {
  readonly store: SessionStore;
  readonly ledger: Ledger;
  readonly owners: OwnerLeases;
  folder(place: FolderPlace): LocalFolder;
  /** The writer of one session's applies into one folder, with its journal in the session's own folder. */
  applier(sessionFolder: string, folder: LocalFolder): Applier;
}

/** Opens the storage and hands out what works on this machine. Rejects with `storage-failed`. */
export async function hostServices({
  storageRoot: path,
  machine,
  trusted,
  maxStoreBytes,
}: HostOptions): Promise<HostServices> {
  const root = storageRoot(path);
  const limits = maxStoreBytes === undefined ? {} : { maxBytes: maxStoreBytes };
  return {
    store: await fileSessionStore(root, (folder) => openBlobStore(folder, limits)),
    ledger: fileLedger(root),
    owners: ownerLeases(root),
    folder: (place) => localFolder(place, machine, trusted),
    applier: (sessionFolder, folder) => fileApplier({ journalFile: join(sessionFolder, journalName), folder }),
  };
}
