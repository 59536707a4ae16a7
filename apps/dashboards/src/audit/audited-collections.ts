import { objectsWith, objectWith, origin, plain, plains, time, type View } from "./shown-values.ts";

/** How the audit log treats the records of a collection. */
export interface AuditedCollection {
  /** Name of the kind in the audit log. */
  readonly kind: string;
  /** Property with the uid of a record. The uid is shown, so a secret cannot be the uid. */
  readonly uid: string;
  readonly name: string;
  /** Properties whose values are shown. All others are only listed as changed. */
  readonly shown: Readonly<Record<string, View>>;
  /** Properties whose changes are not recorded, because they follow from other changes or have no meaning for people. */
  readonly ignored: readonly string[];
}

/**
 * `silent`: the log has no records of the collection. `sessions`: it has the beginnings and ends of sessions. `trash`: it
 * has what is restored, and what can no longer be restored.
 */
export type Treatment = AuditedCollection | "silent" | "sessions" | "trash";

const TIMES = ["id", "uid", "created", "createdBy", "updated", "updatedBy"];
const PERMISSIONS = objectsWith(["level", "role", "userId", "teamId"]);

/**
 * All collections of the dashboards server. The values of a property are shown only if this table names the property. To
 * add a collection, add a line. A collection without a line is recorded without any values, and a test fails.
 */
export const AUDITED: Readonly<Record<string, Treatment>> = {
  users: {
    kind: "user",
    uid: "id",
    name: "login",
    shown: {
      ...plains("login", "email", "name", "role", "isOutside", "isServerAdmin", "isDisabled", "isServiceAccount"),
      permissions: PERMISSIONS,
    },
    ignored: ["id", "uid", "createdAt", "updatedAt"],
  },
  credentials: {
    kind: "credential",
    uid: "userId",
    name: "kind",
    // A sign-in replaces a hash with an old algorithm, which is not a change of the password.
    shown: { ...plains("kind", "userId", "provider"), hash: objectWith(["algorithm"]) },
    ignored: [],
  },
  passkeys: {
    kind: "passkey",
    uid: "userId",
    name: "name",
    shown: plains("userId", "name"),
    // Records omit what identifies the device, and what changes with each sign-in.
    ignored: ["credentialId", "publicKey", "transports", "createdAt", "counter", "lastUsedAt", "used"],
  },
  two_step: {
    kind: "two-step-codes",
    uid: "userId",
    name: "",
    shown: plains("userId"),
    // The use of a code belongs to a sign-in. The use of a recovery code is a change.
    ignored: ["createdAt", "lastStep", "failures", "failedSince"],
  },
  teams: {
    kind: "team",
    uid: "uid",
    name: "name",
    shown: {
      ...plains("name", "email", "groups", "matchers"),
      members: objectsWith(["userId", "isAdmin", "isSynced"]),
    },
    ignored: TIMES,
  },
  organization: {
    kind: "organization",
    uid: "",
    name: "name",
    shown: { name: plain, address: objectWith(["address1", "address2", "city", "zipCode", "state", "country"]) },
    ignored: [],
  },
  tokens: {
    kind: "token",
    uid: "id",
    name: "name",
    shown: { ...plains("name", "accountId", "scopes", "matchers"), expires: time },
    // The digest of an imported token is replaced at its first use.
    ignored: ["id", "created", "lastUsed", "algorithm"],
  },
  // The key of an invitation is the digest of its code, so records show its uid instead.
  invitations: {
    kind: "invitation",
    uid: "id",
    name: "email",
    shown: { ...plains("email", "name", "role"), expires: time, mailed: time },
    ignored: ["id", "uid", "created", "invitedBy"],
  },
  folders: {
    kind: "folder",
    uid: "uid",
    name: "title",
    shown: { ...plains("title", "parentUid", "isForAdmins"), permissions: PERMISSIONS },
    ignored: [...TIMES, "version", "creatorId", "isGoing"],
  },
  dashboards: {
    kind: "dashboard",
    uid: "uid",
    name: "title",
    shown: {
      ...plains("title", "tags", "folderUid", "version", "isForAdmins", "libraryPanels"),
      permissions: PERMISSIONS,
      provisioned: objectWith(["provider", "file"]),
    },
    ignored: [...TIMES, "versions", "creatorId", "isImported"],
  },
  library_elements: {
    kind: "library-panel",
    uid: "uid",
    name: "name",
    shown: plains("name", "folderUid", "version"),
    ignored: [...TIMES, "kind"],
  },
  data_sources: {
    kind: "data-source",
    uid: "uid",
    name: "name",
    shown: {
      ...plains("name", "type", "access", "user", "database", "basicAuth", "basicAuthUser", "withCredentials"),
      ...plains("isDefault", "readOnly", "isProvisioned", "version"),
      url: origin,
      permissions: PERMISSIONS,
    },
    ignored: TIMES,
  },
  annotations: {
    kind: "annotation",
    uid: "id",
    name: "text",
    shown: { ...plains("text", "tags", "dashboardUID", "panelId"), time, timeEnd: time },
    ignored: [...TIMES, "ofId", "userId", "login"],
  },
  playlists: {
    kind: "playlist",
    uid: "uid",
    name: "name",
    shown: { ...plains("name", "interval"), items: objectsWith(["type", "value", "title"]) },
    ignored: TIMES,
  },
  // Anyone who knows a snapshot's key can see the snapshot, so records show its id instead.
  snapshots: {
    kind: "snapshot",
    uid: "id",
    name: "name",
    shown: { name: plain, expires: time },
    ignored: ["id", "userId", "created"],
  },
  preferences: {
    kind: "preferences",
    uid: "",
    name: "",
    shown: plains("theme", "homeDashboardUID", "timezone", "weekStart", "language", "queryHistoryTab"),
    ignored: [],
  },
  secret_keys: { kind: "secret-keys", uid: "", name: "", shown: {}, ignored: [] },
  sessions: "sessions",
  deleted_dashboards: "trash",
  // Each entry is a part of another record, and its changes are recorded with those of that record.
  dashboard_bodies: "silent",
  snapshot_bodies: "silent",
  restricted_dashboards: "silent",
  restricted_data_sources: "silent",
  deleted_bodies: "silent",
  deleted_folders: "silent",
  deleted_elements: "silent",
  // Counters, marks and personal lists, whose changes do not matter to other users.
  audit: "silent",
  imports: "silent",
  login_failures: "silent",
  // A setup has no effect before it is confirmed.
  two_step_setups: "silent",
  // The mail with a code and the reset are recorded as events.
  password_resets: "silent",
  settings: "silent",
  short_urls: "silent",
  stars: "silent",
  login_links: "silent",
  oauth_sessions: "silent",
};
