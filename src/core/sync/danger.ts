import { foldKey } from '../paths.ts';
import type { DangerId, Side } from './types.ts';

/** Why a change would run by itself, with one sentence for people. */
export interface Danger {
  readonly id: DangerId;
  readonly reason: string;
}

/** A rule looks at the folded path, in which every spelling that some file system takes for the same is the same. */
type Rule = readonly [pattern: RegExp, id: DangerId, reason: string];

const anywhere = (names: string) => new RegExp(`(?:^|/)(?:${names})$`);
const below = (folders: string) => new RegExp(`(?:^|/)(?:${folders})/`);

const rules: readonly Rule[] = [
  [
    below(String.raw`\.vscode(?:-\w+)?|\.idea|\.zed|\.fleet|\.nova|\.settings`),
    'editor-config',
    'Editors obey this file and may start programs that it names.',
  ],
  [
    anywhere(String.raw`.*\.code-workspace|\.vimrc|\.exrc|\.nvim\.lua|\.dir-locals\.el|\.lvimrc`),
    'editor-config',
    'Editors obey this file and may start programs that it names.',
  ],
  [
    anywhere(
      String.raw`(?:eslint|prettier|stylelint|tailwind|postcss)\.config\.[cm]?[jt]s|\.(?:eslint|prettier|stylelint|postcss)rc\.[cm]?js`,
    ),
    'editor-config',
    'Editor extensions run this file as a program when a source file is opened.',
  ],
  [
    anywhere(String.raw`\.gitattributes|\.gitmodules|\.gitconfig|\.lfsconfig`),
    'git-config',
    'Git obeys this file and may fetch or run what it names.',
  ],
  [
    anywhere(String.raw`(?:gitmod|gitatt|gi7eba|gi7d29)~\d+`),
    'git-config',
    'On Windows this is another name of a file that Git obeys.',
  ],
  [
    below(String.raw`\.githooks|\.husky|\.git-hooks|hooks/git`),
    'git-config',
    'Git may run this file at the next commit, merge or push.',
  ],
  [
    anywhere(
      String.raw`\.pre-commit-config\.ya?ml|\.pre-commit-hooks\.ya?ml|lefthook(?:-local)?\.(?:ya?ml|toml|json)|\.lefthook\.ya?ml|\.overcommit\.yml|\.huskyrc.*|\.lintstagedrc.*|lint-staged\.config\.[cm]?[jt]s|\.simple-git-hooks\..*|commitlint\.config\.[cm]?[jt]s`,
    ),
    'git-config',
    'It names programs that run at the next commit.',
  ],
  [
    below(
      String.raw`\.github/(?:workflows|actions)|\.gitea/workflows|\.forgejo/workflows|\.circleci|\.buildkite|\.woodpecker|\.teamcity|\.azure-pipelines|\.ci`,
    ),
    'ci-workflow',
    'Your build service runs it after the next push, with its own keys.',
  ],
  [
    anywhere(
      String.raw`\.gitlab-ci\.ya?ml|azure-pipelines\.ya?ml|jenkinsfile|\.travis\.ya?ml|bitbucket-pipelines\.ya?ml|\.drone\.ya?ml|\.woodpecker\.ya?ml|appveyor\.ya?ml|\.appveyor\.ya?ml|\.cirrus\.ya?ml|cloudbuild\.ya?ml|buildspec\.ya?ml|\.semaphore/.*\.ya?ml|\.github/dependabot\.ya?ml|action\.ya?ml|netlify\.toml|vercel\.json|renovate\.json5?`,
    ),
    'ci-workflow',
    'A service of yours obeys it after the next push, with its own keys.',
  ],
  [
    anywhere(
      String.raw`agents(?:\.override)?\.md|claude(?:\.local)?\.md|gemini\.md|copilot-instructions\.md|skill\.md|\.cursorrules|\.windsurfrules|\.clinerules|\.goosehints|\.mcp\.json|mcp\.json|mcp_config\.json|\.aider\.conf\.ya?ml|codex\.toml`,
    ),
    'agent-config',
    'Agents outside the sandbox take their instructions and tools from this file.',
  ],
  [
    below(
      String.raw`\.claude|\.codex|\.cursor|\.windsurf|\.gemini|\.agents|\.roo|\.clinerules|\.continue|\.kiro|\.junie|\.github/(?:prompts|instructions|agents|chatmodes|skills)`,
    ),
    'agent-config',
    'Agents outside the sandbox take their instructions and tools from this folder.',
  ],
  [
    anywhere(
      String.raw`\.envrc|\.env(?:\..+)?|\.tool-versions|\.?mise(?:\.\w+)*\.toml|\.rtx\.toml|\.sdkmanrc|\.autoenv|\.env\.ps1|\.bashrc|\.zshrc|\.profile|\.bash_profile|\.zprofile|\.zshenv|devbox\.json|\.?flox\.toml`,
    ),
    'shell-environment',
    'A shell or version manager obeys this file as soon as somebody enters the folder.',
  ],
  [
    below(String.raw`\.direnv|\.mise|\.config/mise|\.devcontainer`),
    'shell-environment',
    'A shell, version manager or container starts what it names.',
  ],
  [
    anywhere(String.raw`\.?devcontainer\.json|\.gitpod\.ya?ml|\.gitpod\.dockerfile|\.idx/dev\.nix`),
    'shell-environment',
    'Opening the folder in a container runs the commands that it names.',
  ],
  [
    anywhere(
      String.raw`\.npmrc|\.yarnrc(?:\.ya?ml)?|\.pnpmfile\.c?js|pnpm-workspace\.yaml|bunfig\.toml|\.pypirc|pip\.conf|pip\.ini|\.gemrc|nuget\.config|\.condarc|\.bundle/config|\.cargo/credentials(?:\.toml)?`,
    ),
    'build-hook',
    'The next install obeys it: where packages come from and what they may run.',
  ],
  [
    below(String.raw`\.yarn/(?:releases|plugins)|\.cargo|\.mvn|gradle/wrapper|buildsrc|\.bundle`),
    'build-hook',
    'Build tools load or run it before they build anything.',
  ],
  [
    anywhere(
      String.raw`binding\.gyp|build\.rs|rust-toolchain(?:\.toml)?|init\.gradle(?:\.kts)?|(?:settings|build)\.gradle(?:\.kts)?|gradle\.properties|directory\.(?:build|packages)\.(?:props|targets)|.*\.pth|sitecustomize\.py|usercustomize\.py|\.justfile`,
    ),
    'build-hook',
    'Editors and build tools run it without being asked to.',
  ],
];

/** A package.json is judged key by key, see `packageKeys.ts`. */
export function isPackageManifest(path: string): boolean {
  return anywhere(String.raw`package\.json|package\.json5|package\.ya?ml`).test(foldedForRules(path));
}

/** What of a path would run by itself once it stood on this machine. */
export function pathDangers(path: string): Danger[] {
  const folded = foldedForRules(path);
  const found = new Map<DangerId, Danger>();
  for (const [pattern, id, reason] of rules) if (!found.has(id) && pattern.test(folded)) found.set(id, { id, reason });
  return [...found.values()];
}

/** NTFS drops dots and blanks at the end of a name, and reads up to a colon. */
function foldedForRules(path: string): string {
  return foldKey(path)
    .split('/')
    .map((part) => part.replace(/:.*$/, '').replace(/[. ]+$/, ''))
    .join('/');
}

/** A file of ours that becomes a program. A new one is a program that somebody has yet to start. */
export function modeDanger(base: Side, theirs: Side): Danger | undefined {
  if (typeof base === 'string' || typeof theirs === 'string' || base.t !== 'file' || theirs.t !== 'file')
    return undefined;
  if (base.exec || !theirs.exec) return undefined;
  return { id: 'executable-bit', reason: 'A file that was none becomes a program.' };
}
