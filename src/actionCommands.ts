import type { ActionCommand } from './ui/parts.ts';

/** Commands of the manifest that are actions of one kind of sandbox: known before that kind is loaded. */
export const actionCommands: readonly ActionCommand[] = [
  { id: 'airlock.celesto.signIn', title: 'Sign in to Celesto', provider: 'celesto', action: 'sign-in' },
  { id: 'airlock.celesto.signOut', title: 'Sign out of Celesto', provider: 'celesto', action: 'sign-out' },
  { id: 'airlock.smolvm.install', title: 'Install SmolVM', provider: 'smolvm', action: 'install' },
  { id: 'airlock.smolvm.doctor', title: "Run SmolVM's Doctor", provider: 'smolvm', action: 'doctor' },
];
