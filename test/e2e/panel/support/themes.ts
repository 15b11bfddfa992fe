/** What VS Code puts on the page for a theme: the class of the body and the variables of the root. */
export interface Theme {
  readonly kind: 'vscode-dark' | 'vscode-light' | 'vscode-high-contrast' | 'vscode-high-contrast-light';
  /** The colour of the side bar behind the transparent page. */
  readonly behind: string;
  readonly variables: Readonly<Record<string, string>>;
}

const fonts = {
  'font-family': 'system-ui, "Ubuntu", "Droid Sans", sans-serif',
  'font-size': '13px',
  'editor-font-family': '"Droid Sans Mono", monospace',
  'editor-font-size': '13px',
};

const darkTerminal =
  '#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5 #666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #e5e5e5';
const lightTerminal =
  '#000000 #cd3131 #107c10 #949800 #0451a5 #bc05bc #0598bc #555555 #666666 #cd3131 #14ce14 #b5ba00 #0451a5 #bc05bc #0598bc #a5a5a5';

function terminal(colours: string): Record<string, string> {
  const names = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];
  const all = [...names, ...names.map((name) => `Bright${name}`)];
  return Object.fromEntries(colours.split(' ').map((colour, index) => [`terminal-ansi${all[index] ?? ''}`, colour]));
}

const dark: Theme = {
  kind: 'vscode-dark',
  behind: '#181818',
  variables: {
    ...fonts,
    ...terminal(darkTerminal),
    foreground: '#cccccc',
    descriptionForeground: '#9d9d9d',
    errorForeground: '#f85149',
    focusBorder: '#0078d4',
    'icon-foreground': '#cccccc',
    'editor-background': '#1f1f1f',
    'editor-foreground': '#cccccc',
    'editorWarning-foreground': '#cca700',
    'panel-border': '#2b2b2b',
    'widget-border': '#313131',
    'widget-shadow': '#0000005c',
    'button-background': '#0078d4',
    'button-foreground': '#ffffff',
    'button-border': '#ffffff12',
    'button-hoverBackground': '#026ec1',
    'button-secondaryBackground': '#313131',
    'button-secondaryForeground': '#cccccc',
    'button-secondaryHoverBackground': '#3c3c3c',
    'input-background': '#313131',
    'input-border': '#3c3c3c',
    'input-foreground': '#cccccc',
    'input-placeholderForeground': '#989898',
    'inputValidation-infoBorder': '#007acc',
    'inputValidation-warningBorder': '#b89500',
    'inputValidation-errorBorder': '#be1100',
    'chat-requestBackground': '#1f1f1f9e',
    'chat-requestBorder': '#ffffff1a',
    'textLink-foreground': '#4daafc',
    'textLink-activeForeground': '#4daafc',
    'textCodeBlock-background': '#2b2b2b',
    'textPreformat-background': '#3c3c3c',
    'textPreformat-foreground': '#d0d0d0',
    'textBlockQuote-border': '#616161',
    'toolbar-hoverBackground': '#5a5d5e50',
    'list-hoverBackground': '#2a2d2e',
    'progressBar-background': '#0078d4',
    'testing-iconPassed': '#73c991',
    'gitDecoration-addedResourceForeground': '#81b88b',
    'gitDecoration-deletedResourceForeground': '#c74e39',
    'diffEditor-insertedLineBackground': '#9bb95533',
    'diffEditor-removedLineBackground': '#ff000033',
  },
};

const light: Theme = {
  kind: 'vscode-light',
  behind: '#f8f8f8',
  variables: {
    ...dark.variables,
    ...terminal(lightTerminal),
    foreground: '#3b3b3b',
    descriptionForeground: '#616161',
    errorForeground: '#c72e0f',
    focusBorder: '#005fb8',
    'icon-foreground': '#3b3b3b',
    'editor-background': '#ffffff',
    'editor-foreground': '#3b3b3b',
    'editorWarning-foreground': '#8a6100',
    'panel-border': '#e5e5e5',
    'widget-border': '#e5e5e5',
    'widget-shadow': '#00000029',
    'button-background': '#005fb8',
    'button-border': '#0000001a',
    'button-hoverBackground': '#0258a8',
    'button-secondaryBackground': '#e5e5e5',
    'button-secondaryForeground': '#3b3b3b',
    'button-secondaryHoverBackground': '#cccccc',
    'input-background': '#ffffff',
    'input-border': '#cecece',
    'input-foreground': '#3b3b3b',
    'input-placeholderForeground': '#767676',
    'chat-requestBackground': '#ffffff9e',
    'chat-requestBorder': '#0000001a',
    'textLink-foreground': '#005fb8',
    'textLink-activeForeground': '#005fb8',
    'textCodeBlock-background': '#f8f8f8',
    'textPreformat-background': '#0000001f',
    'textPreformat-foreground': '#3b3b3b',
    'textBlockQuote-border': '#e5e5e5',
    'toolbar-hoverBackground': '#b8b8b850',
    'list-hoverBackground': '#f2f2f2',
    'progressBar-background': '#005fb8',
    'testing-iconPassed': '#388a34',
    'gitDecoration-addedResourceForeground': '#587c0c',
    'gitDecoration-deletedResourceForeground': '#ad0707',
    'diffEditor-insertedLineBackground': '#9bb95533',
    'diffEditor-removedLineBackground': '#ff000033',
  },
};

/** High contrast draws borders where other themes have backgrounds: many variables are simply not there. */
function contrast(kind: Theme['kind'], ink: string, paper: string, border: string, terminalColours: string): Theme {
  const variables = {
    ...fonts,
    ...terminal(terminalColours),
    foreground: ink,
    descriptionForeground: ink,
    errorForeground: ink === '#ffffff' ? '#f48771' : '#b5200d',
    focusBorder: ink === '#ffffff' ? '#f38518' : '#006bbd',
    contrastBorder: border,
    contrastActiveBorder: ink === '#ffffff' ? '#f38518' : '#006bbd',
    'icon-foreground': ink,
    'editor-background': paper,
    'editor-foreground': ink,
    'editorWarning-foreground': ink === '#ffffff' ? '#ffd370' : '#895503',
    'panel-border': border,
    'button-background': ink === '#ffffff' ? paper : '#0f4a85',
    'button-foreground': '#ffffff',
    'button-border': border,
    'button-secondaryForeground': ink,
    'input-background': paper,
    'input-border': border,
    'input-foreground': ink,
    'input-placeholderForeground': ink === '#ffffff' ? '#ffffffb3' : '#292929b3',
    'textLink-foreground': ink === '#ffffff' ? '#21a6ff' : '#0f4a85',
    'textCodeBlock-background': paper,
    'testing-iconPassed': ink === '#ffffff' ? '#73c991' : '#007100',
    'diffEditor-insertedTextBorder': ink === '#ffffff' ? '#33ff2eff' : '#374e06',
    'diffEditor-removedTextBorder': ink === '#ffffff' ? '#ff008f' : '#ad0707',
  };
  // The one thing that the light one fills.
  const filled = { 'textPreformat-background': '#09345f', 'textPreformat-foreground': '#ffffff' };
  return { kind, behind: paper, variables: ink === '#ffffff' ? variables : { ...variables, ...filled } };
}

export const themes = {
  dark,
  light,
  'contrast-dark': contrast('vscode-high-contrast', '#ffffff', '#000000', '#6fc3df', darkTerminal),
  'contrast-light': contrast('vscode-high-contrast-light', '#292929', '#ffffff', '#0f4a85', lightTerminal),
} as const satisfies Readonly<Record<string, Theme>>;
