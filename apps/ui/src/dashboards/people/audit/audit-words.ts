import type { AuditRecord } from "./audit-api.ts";

/** Label of each action in the audit log. */
export const ACTION_WORDS: Readonly<Record<string, string>> = {
  created: "Created",
  changed: "Changed",
  deleted: "Deleted",
  restored: "Restored",
  "signed-in": "Signed in",
  "sign-in-failed": "Failed sign-in",
  "signed-out": "Signed out",
  "session-ended": "Ended a session",
  refused: "Refused",
  reloaded: "Reloaded",
  "mail-sent": "Sent a mail",
  "password-reset": "Reset the password",
};

/** Label of each kind of object in the audit log. */
export const KIND_WORDS: Readonly<Record<string, string>> = {
  alerts: "Alerts",
  annotation: "Annotation",
  credential: "Credential",
  dashboard: "Dashboard",
  "data-source": "Data source",
  "deleted-dashboard": "Deleted dashboard",
  folder: "Folder",
  invitation: "Invitation",
  "library-panel": "Library panel",
  passkey: "Passkey",
  "password-reset": "Password reset",
  playlist: "Playlist",
  preferences: "Preferences",
  provisioning: "Provisioning",
  route: "Request",
  "rule-group": "Rule group",
  "rule-namespace": "Rule namespace",
  "secret-keys": "Secret keys",
  session: "Session",
  silence: "Silence",
  snapshot: "Snapshot",
  team: "Team",
  token: "Token",
  "two-step-codes": "Two-step codes",
  user: "User",
};

const ACTOR_WORDS: Readonly<Record<string, string>> = {
  anonymous: "Not signed in",
  server: "The server",
  provisioning: "Provisioning files",
  import: "Import from Grafana",
};

/** Returns the name of the user or token that caused an audit record. */
export const actorText = ({ actor: { kind, login, tokenId } }: AuditRecord): string =>
  `${login ?? ACTOR_WORDS[kind] ?? kind}${tokenId === undefined ? "" : ` (token ${tokenId})`}`;

export interface Difference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Text in place of a value that differs but must not be shown. */
const HIDDEN = "not shown";

/** Returns the properties that an audit record changed, as texts. A missing value is an empty text. */
export function differencesOf({ before = {}, after = {}, changed = [] }: AuditRecord): readonly Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after), ...changed]);
  const textIn = (values: typeof before, name: string): string => {
    if (!Object.hasOwn(values, name)) return changed.includes(name) ? HIDDEN : "";
    const value = values[name];
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  return [...names]
    .map((name) => ({ name, before: textIn(before, name), after: textIn(after, name) }))
    .filter((one) => one.before !== one.after || one.before === HIDDEN);
}
