import type { DangerId } from './types.ts';

/**
 * Files, and folders with all that lies in them, that something runs or obeys without being asked to. The patterns are
 * folded (lower case) and stand for the end of a path, or for folders anywhere in it: `*` is any run of characters within
 * one name, `{a,b}` one of several.
 */
export interface DangerRule {
  readonly id: DangerId;
  /** One sentence for people. */
  readonly reason: string;
  readonly files?: string;
  readonly folders?: string;
}

const script = '{js,cjs,mjs,jsx,ts,cts,mts,tsx}';

const editors: readonly DangerRule[] = [
  {
    id: 'editor-config',
    reason: 'Editors obey this file when the folder is open, and may start programs that it names.',
    folders: `.vscode .vscode-* .vs .idea .zed .fleet .nova .settings .helix .vim .nvim .lapce .theia nbproject .swiftpm
      *.xcodeproj *.xcworkspace .storybook`,
    files: `*.code-workspace *.sublime-{project,workspace,settings,build} *.iml *.ipr *.iws .project .classpath .cproject
      .factorypath .{,g,n,l}vimrc _{,g}vimrc .vimrc.local .local.vimrc .exrc _exrc .nvim.lua .dir-locals.el
      .dir-locals-2.el .ycm_extra_conf.py .luarc.json .luarc.jsonc .clangd .ccls omnisharp.json hie.yaml
      analysis_options.yaml ipython_config.py jupyter_*config.py .ghci .gdbinit .lldbinit .irbrc .pryrc .iex.exs
      .rprofile .renviron *.nims`,
  },
  {
    id: 'editor-config',
    reason: 'The editor or a tool runs this by itself to check or format files.',
    files: `{eslint,prettier,stylelint,tailwind,postcss,babel,oxlint,xo,graphql,apollo}.config.*
      .{eslint,prettier,stylelint,babel,postcss,textlint,remark,graphql,swc}rc .{eslint,prettier,stylelint,babel,postcss}rc.*
      .{textlint,remark,graphql}rc.* .xo-config* .oxlintrc.json .markdownlint.{cjs,mjs,js} .markdownlint-cli2.* tslint.json
      tslint.js .solhint.json .rubocop*.yml .standard.yml .solargraph.yml .erb-lint.yml .haml-lint.yml {,.}pylintrc
      {,.}mypy.ini .flake8 .pyre_configuration .php-cs-fixer*.php .php_cs* phpstan.neon* psalm.xml* rector.php
      .perlcriticrc {,.}latexmkrc ansible.cfg .golangci.{yml,yaml,toml,json} .credo.exs .formatter.exs .scalafix.conf .scalafmt.conf`,
  },
  {
    id: 'editor-config',
    reason: 'The editor or a tool runs this by itself to find tests, tasks or pages.',
    files: `{vite,vitest,jest,playwright,playwright-ct,cypress,svelte,webpack,rollup,rspack,rsbuild,astro,next,nuxt,vue}.config.*
      {quasar,gatsby,docusaurus,metro,ava,remix,farm,tsup,esbuild}.config.* vitest.{workspace,projects}.* {webpack,rollup}.*.${script}
      {karma,wdio,protractor}.conf.* .mocharc .mocharc.* .nycrc .nycrc.* .c8rc .c8rc.* .taprc conftest.py {,.}pytest.ini
      tox.ini noxfile.py .rspec .rspec-local .vscode-test.* conf.py gatsby-{config,node,browser,ssr}.* ember-cli-build.js .ember-cli gulpfile.* gruntfile.* jakefile.*
      angular.json nx.json rush.json lerna.json`,
  },
  {
    id: 'editor-config',
    reason: 'On Windows this may be another name of a file that tools obey.',
    files: '{?,??,???,????,?????,??????}~{0,1,2,3,4,5,6,7,8,9}{,.*}',
    folders: '{?,??,???,????,?????,??????}~{0,1,2,3,4,5,6,7,8,9}{,.*}',
  },
];

const versionControl: readonly DangerRule[] = [
  {
    id: 'git-config',
    reason: 'Git obeys this file and may fetch or run what it names.',
    files: '.gitattributes .gitmodules .gitconfig .gitconfig.* .lfsconfig',
  },
  {
    id: 'git-config',
    reason: 'On Windows this is another name of a file that Git obeys.',
    files: '{gitmod,gitatt,gi7eba,gi7d29}~*',
  },
  {
    id: 'git-config',
    reason: 'Git may run this at the next commit, merge or push.',
    folders:
      '.githooks githooks .git-hooks git-hooks .git_hooks .husky hooks/git .lefthook .lefthook-local .overcommit',
    files: `.pre-commit-config.* .pre-commit-hooks.* {,.}lefthook.* {,.}lefthook-local.* .overcommit.yml .huskyrc*
      husky.config.* .lintstagedrc* lint-staged.config.* {,.}simple-git-hooks.* {,.}nano-staged.* .nanostagedrc*
      .commitlintrc* commitlint.config.* .czrc .cz.* .cz-config.* .gitlint captainhook.json {,.}grumphp.y*ml hk.pkl`,
  },
  {
    id: 'git-config',
    reason: 'Another version control program obeys it and may run what it names.',
    folders: '.hg .jj .svn .bzr .sl .pijul _darcs',
    files: '.hgsub .arcconfig .arclint .reviewboardrc',
  },
];

const services: readonly DangerRule[] = [
  {
    id: 'ci-workflow',
    reason: 'Your build service runs it after the next push, with its own keys.',
    folders: `.github/{workflows,actions} .gitea/workflows .forgejo/workflows .gitlab/ci .circleci .buildkite .woodpecker
      .teamcity .azure-pipelines .azuredevops .semaphore .tekton .harness .builds .ci`,
    files: `.gitlab-ci*.y*ml azure-pipelines*.y*ml jenkinsfile jenkinsfile.* .travis.y*ml bitbucket-pipelines.y*ml .drone.*
      .woodpecker.* {,.}appveyor.y*ml .cirrus.{yml,yaml,star} cloudbuild.y*ml buildspec.y*ml .build.y*ml codemagic.yaml
      bitrise.yml wercker.yml .scrutinizer.yml action.y*ml dagger.json`,
  },
  {
    id: 'ci-workflow',
    reason: 'A service of yours obeys it after the next push, with its own keys.',
    files: `.github/dependabot.y*ml .github/settings.y*ml .mergify.y*ml renovate.json renovate.json5 .renovaterc .renovaterc.*
      .releaserc .releaserc.* release.config.* {,.}goreleaser.* .release-it.* netlify.toml vercel.json fly.toml render.yaml
      railway.{json,toml} firebase.json amplify.yml heroku.yml procfile {,.}readthedocs.y*ml wrangler.{toml,json,jsonc}
      serverless.{yml,yaml,json,js,ts}`,
  },
];

const agents: readonly DangerRule[] = [
  {
    id: 'agent-config',
    reason: 'Agents obey this file: it gives them instructions, tools or programs to start.',
    files: `agent.md agents.md agents.*.md claude.md claude.*.md gemini.md qwen.md warp.md crush.md opencode.md replit.md
      copilot-instructions.md skill.md *.{instructions,prompt,chatmode,agent}.md .cursorrules .windsurfrules .clinerules*
      .roorules* .roomodes .kilocodemodes .kilocoderules* .rules .augment-guidelines .goosehints .airules .aider*
      .continuerules {,.}mcp.json mcp_config.json {,.}opencode.json {,.}opencode.jsonc {,.}crush.json codex.toml
      firebender.json {,.}pr_agent.toml .coderabbit.y*ml greptile.json`,
    folders: `.claude .claude-plugin .codex .cursor .windsurf .codeium .gemini .qwen .agent .agents .roo .roo-* .cline
      .clinerules .continue .kiro .kilocode .kilocode-* .junie .opencode .crush .augment .goose .amazonq .tabnine .cody
      .sourcegraph .copilot .factory .openhands .devin .amp .trae .codebuddy .lingma .zencoder .qodo .void .firebender
      .specify .ruler .rulesync .github/{prompts,instructions,agents,chatmodes,skills,hooks,copilot}`,
  },
];

const shells: readonly DangerRule[] = [
  {
    id: 'shell-environment',
    reason: 'A shell or version manager obeys this file as soon as somebody enters the folder.',
    files: `.envrc .envrc.* .env .env.* .direnvrc direnv.toml .autoenv* .tool-versions .asdfrc {,.}mise.toml {,.}mise.*.toml
      mise/config.toml mise/config.*.toml .miserc.toml .rtx.toml .prototools .sdkmanrc pixi.toml .bashrc .bash_profile
      .bash_login .bash_logout .bash_aliases .profile .zshrc .zprofile .zshenv .zlogin .zlogout .kshrc .cshrc config.fish
      shell.nix flake.nix default.nix devenv.nix devenv.yaml devenv.local.nix devbox.json {,.}flox.toml`,
    folders: '.direnv .mise .config/mise mise-tasks .mise-tasks .mise/tasks .flox .devenv .proto',
  },
  {
    id: 'shell-environment',
    reason: 'Opening the folder in a container or hosted editor runs the commands that it names.',
    folders: '.devcontainer .idx .codesandbox',
    files: `{,.}devcontainer.json .gitpod.* .gitpod.dockerfile {,.}devfile.yaml .replit replit.nix .stackblitzrc`,
  },
  {
    id: 'shell-environment',
    reason: 'The file manager of a system obeys this file as soon as its folder is shown.',
    files: 'desktop.ini autorun.inf *.lnk *.scf *.url *.library-ms *.desktop .directory',
  },
];

const builds: readonly DangerRule[] = [
  {
    id: 'install-hook',
    reason: 'The next install obeys it: where packages come from, and what runs on the way.',
    files: `.npmrc .yarnrc .yarnrc.* .pnpmfile.* pnpm-workspace.y*ml yarn.config.* .pnp.* bunfig.toml .bowerrc .pypirc
      pip.{conf,ini} setup.py .gemrc gemfile gems.rb *.gemspec nuget.config packages.config .condarc .bundle/config
      binding.gyp *.gypi *.pth sitecustomize.py usercustomize.py podfile *.podspec conanfile.py shard.yml *.nimble`,
    folders: '.yarn .bundle .pnpm-store .meteor',
  },
  {
    id: 'install-hook',
    reason: 'It stands where an installed package stands, and runs with whatever uses that package.',
    folders: `node_modules bower_components jspm_packages __pypackages__ site-packages .venv .tox .nox .eggs vendor/bundle`,
  },
  {
    id: 'build-hook',
    reason: 'The build runs this, and editors do too to understand the project.',
    files: `build.rs rust-toolchain rust-toolchain.toml *.gradle *.gradle.kts gradle.properties local.properties gradlew
      gradlew.bat pom.xml mvnw mvnw.cmd build.sbt project/*.sbt project/*.scala project/build.properties build.{sc,mill}
      mix.exs rebar.config{,.script} package.swift cmakelists.txt *.cmake cmake{,user}presets.json meson.build
      *.{cs,fs,vb,vcx}proj *.proj *.props *.targets *.tasks *.rsp global.json dotnet-tools.json setup.hs lakefile.lean
      build.zig build.zig.zon project.clj deps.edn shadow-cljs.edn dub.{json,sdl} {,.}bazelrc *.bazelrc .bazelversion
      .bazeliskrc tools/bazel {workspace,module}.bazel workspace .buckconfig* pants.toml {,.}justfile`,
    folders: '.cargo .mvn gradle/wrapper buildsrc',
  },
  {
    id: 'build-hook',
    reason: 'Python may run this in place of the source beside it, which nobody sees.',
    files: '*.pyc *.pyo',
    folders: '__pycache__',
  },
];

/** All rules, those with the clearer reason first. */
export const dangerRules: readonly DangerRule[] = [
  ...versionControl,
  ...editors,
  ...services,
  ...agents,
  ...shells,
  ...builds,
];
