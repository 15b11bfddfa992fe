/** Every id that the manifest contributes, once. A test compares these with package.json. */

/** Title of each command as people see it in messages; the manifest holds the same titles for the palette. */
export const commandTitles = {
  'airlock.runAgent': 'Run Agent in Sandbox',
  'airlock.newSession': 'New Session',
  'airlock.openSession': 'Open Session…',
  'airlock.stopTurn': 'Stop Agent',
  'airlock.pauseSandbox': 'Pause Sandbox',
  'airlock.resumeSandbox': 'Resume Sandbox',
  'airlock.stopSandbox': 'Stop Sandbox',
  'airlock.takeSnapshot': 'Take Snapshot of Sandbox',
  'airlock.goBackToSnapshot': 'Go Back to Snapshot…',
  'airlock.restartSandbox': 'Restart Sandbox',
  'airlock.refillSandbox': 'Start New Sandbox from Last Checkpoint…',
  'airlock.endSession': 'End Session…',
  'airlock.deleteSession': 'Delete Session…',
  'airlock.continue': 'Continue Interrupted Turn',
  'airlock.review': 'Review Changes',
  'airlock.openChange': 'Open Change',
  'airlock.apply': 'Apply Checked Changes…',
  'airlock.undoApply': 'Undo Last Apply…',
  'airlock.reject': 'Reject Changes…',
  'airlock.offerRejected': 'Offer Rejected Changes Again',
  'airlock.refreshChanges': 'Refresh Changes',
  'airlock.chooseSandbox': 'Choose Sandbox…',
  'airlock.chooseModel': 'Choose Model…',
  'airlock.setApiKey': 'Set API Key…',
  'airlock.forgetApiKey': 'Forget API Key…',
  'airlock.openLog': 'Open Log',
  'airlock.showUpload': 'Show What Is Uploaded',
  'airlock.chooseHeldBack': 'Choose Held-Back Files to Send…',
  'airlock.askAgain': 'Ask Again Before Uploads',
  'airlock.checkSetup': 'Check Setup',
  'airlock.openTerminal': 'Open Terminal in Sandbox',
  'airlock.openPort': 'Open Port',
  'airlock.openPortOutside': 'Open Port in Browser',
  'airlock.copyPortAddress': 'Copy Address of Port',
  'airlock.stopForwarding': 'Stop Forwarding Port',
  'airlock.labelPort': 'Label Port…',
  'airlock.chooseLocalPort': 'Choose Local Port…',
  'airlock.publishPort': 'Publish Port on the Internet…',
  'airlock.unpublishPort': 'Take Port off the Internet',
  'airlock.showComputers': 'Show Computers',
  'airlock.refreshComputers': 'Refresh Computers',
  'airlock.mendComputers': 'Solve Problem',
  'airlock.attachComputer': 'Attach Computer…',
  'airlock.deleteComputer': 'Delete Computer…',
  'airlock.openAccount': 'Open Account Page',
  'airlock.allowHosts': 'Allow Hosts…',
  'airlock.allowRefused': 'Allow This Host…',
  'airlock.revokeHost': 'Stop Allowing Host',
  'airlock.splitTerminal': 'Split Terminal in Sandbox',
  'airlock.watchCommand': 'Watch Command of the Agent…',
} as const;

export type CommandId = keyof typeof commandTitles;

export const views = {
  sessions: 'airlock.sessions',
  changes: 'airlock.changes',
  ports: 'airlock.ports',
  network: 'airlock.network',
  computers: 'airlock.computers',
  panel: 'airlock.panel',
} as const;

/** The kind of terminal that the editor's + menu offers. */
export const terminalProfile = 'airlock.sandbox';

/** Settings of the extension itself; a provider's own lie under `airlock.<provider id>.` and are read by its descriptor. */
export const settings = {
  modelName: 'airlock.model.name',
  modelBaseUrl: 'airlock.model.baseUrl',
  modelApi: 'airlock.model.api',
} as const;

/** Context keys with the values they start with. */
export const contextDefaults = {
  /** The list of sessions was read: an empty list is truly empty. */
  'airlock.loaded': false,
  'airlock.hasSession': false,
  /** The kinds of sandbox were asked for their computers: an empty list is truly empty. */
  'airlock.computersListed': false,
  /** Another window owns the shown session, or a newer version wrote it. */
  'airlock.readOnly': false,
  /** The shown session's `SessionStatus`; empty where none is shown. */
  'airlock.status': '',
  /** `can` where the shown session's sandbox can be paused now, `is` where it is paused, else empty. */
  'airlock.pause': '',
  /** Snapshots of the shown session's sandbox can be taken. */
  'airlock.canSnapshot': false,
  /** A reload or a crash cut the shown session's turn off. */
  'airlock.canContinue': false,
  'airlock.hasChanges': false,
  'airlock.hasChecked': false,
  'airlock.canUndo': false,
  /** The shown session's sandbox can open ports to the internet. */
  'airlock.canPublish': false,
  /** What the shown session's sandbox can enforce, as in `NetworkView`. */
  'airlock.network': '',
  'airlock.hasAllowed': false,
  /** A model endpoint is ready to use: a key is stored or none is needed. */
  'airlock.modelReady': false,
} as const;

export type ContextKey = keyof typeof contextDefaults;

/** Scheme of the sandbox's side of a diff. */
export const reviewScheme = 'airlock';
/** Scheme of the list of what an upload would send. */
export const uploadScheme = 'airlock-upload';
