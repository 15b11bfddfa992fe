import { type Manifest, SandboxUnsupportedFeatureError, WorkspacePathPolicy } from '@openai/agents-core/sandbox';

/** Where a path of the SDK's leads inside. */
export interface Place {
  /** Absolute. */
  readonly path: string;
  /** Relative to the workspace root; undefined for a path that an extra grant allows. */
  readonly relative: string | undefined;
}

/**
 * Checks a path against the workspace root and the manifest's grants, by its text. Throws the SDK's errors. A link
 * inside can lead elsewhere within the sandbox, which is the wall that matters; writing programs check that besides.
 */
export function placeOf(manifest: Manifest, path: string | undefined, forWrite = false): Place {
  const policy = new WorkspacePathPolicy({ root: manifest.root, extraPathGrants: manifest.extraPathGrants });
  const { path: absolute, workspaceRelativePath: relative } = policy.resolve(path, { forWrite });
  return { path: absolute, relative };
}

/** Sandboxes have one user. Throws `SandboxUnsupportedFeatureError` for another, rather than to ignore the wish. */
export function refuseRunAs(runAs: string | undefined): void {
  if (runAs !== undefined) {
    throw new SandboxUnsupportedFeatureError('Airlock sandboxes run everything as one user: runAs is not supported.');
  }
}

/** Throws `SandboxUnsupportedFeatureError` for what a manifest may ask for and no Airlock sandbox does. */
export function refuseUnsupported(manifest: Manifest): void {
  const refuse = (what: string): never => {
    throw new SandboxUnsupportedFeatureError(`Airlock sandboxes do not support ${what} in a manifest.`);
  };
  if (manifest.users.length > 0 || manifest.groups.length > 0) refuse('users and groups');
  if (manifest.mountTargets().length > 0) refuse('mounts');
  if (manifest.extraPathGrants.some(({ hostPath }) => hostPath !== undefined)) refuse('paths of the host');
  for (const { entry } of manifest.iterEntries()) if (entry.group !== undefined) refuse('groups of entries');
}
