import { objectsWith, objectWith, origin, plain, plains, time, type View } from "./shown-values.ts";

/** How changes of the records in a collection appear in the audit log. */
export interface AuditedCollection {
  /** Name of the kind in the audit log. */
  readonly kind: string;
  /** Property that contains the uid of a record. The audit log shows the uid, so it must not be a secret. */
  readonly uid: string;
  readonly name: string;
  /** Properties whose values the audit log shows. For all other properties, it only lists which have changed. */
  readonly shown: Readonly<Record<string, View>>;
  /**
   * Properties whose changes are not recorded, because they follow from other changes or are not interesting to people.
   */
  readonly ignored: readonly string[];
}

/**
 * How the audit log handles a collection. `silent`: no records. `sessions`: records when sessions begin and end.
 * `trash`: records what is restored, and what is permanently deleted.
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
    // A changed hash algorithm means that a sign-in has renewed the hash, and not that the password was changed.
    shown: { ...plains("kind", "userId", "provider"), hash: objectWith(["algorithm"]) },
    ignored: [],
  },
  passkeys: {
    kind: "passkey",
    uid: "userId",
    name: "name",
    shown: plains("userId", "name"),
    // Properties that the record of a passkey omits, because they identify the device or change with each sign-in.
    ignored: ["credentialId", "publicKey", "transports", "createdAt", "counter", "lastUsedAt", "used"],
  },
  two_step: {
    kind: "two-step-codes",
    uid: "userId",
    name: "",
    shown: plains("userId"),
    // Using a code of the authenticator app is part of a sign-in. Using a recovery code is recorded as a change.
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
    // The ignored `algorithm` changes when an imported token is used for the first time and its digest is replaced.
    ignored: ["id", "created", "lastUsed", "algorithm"],
  },
  // Invitations are shown by their uid, because their key is the digest of a secret code.
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
      ...plains("isDefault", "readOnly", "isProvisioned", "isEdited", "version"),
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
  reports: {
    kind: "report",
    uid: "id",
    name: "name",
    shown: {
      ...plains("name", "subject", "recipients", "replyTo", "state", "notice", "formats", "userId"),
      dashboards: objectsWith(["uid", "from", "to"]),
      schedule: objectWith(["frequency", "zone", "isWorkdaysOnly"]),
    },
    ignored: TIMES,
  },
  // Snapshots are shown by their id, because anyone who knows a snapshot's key can open the snapshot.
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
  // These entries are parts of other records. Their changes are recorded with the changes of those records.
  dashboard_bodies: "silent",
  snapshot_bodies: "silent",
  restricted_dashboards: "silent",
  restricted_data_sources: "silent",
  deleted_bodies: "silent",
  deleted_folders: "silent",
  deleted_elements: "silent",
  // Counters, marks and personal lists are not recorded, because their changes do not matter to other users.
  audit: "silent",
  imports: "silent",
  login_failures: "silent",
  report_runs: "silent",
  // Setups of a second sign-in step are not recorded until they are confirmed, because they have no effect before.
  two_step_setups: "silent",
  // The mail with a reset code, and the reset itself, are recorded as events.
  password_resets: "silent",
  settings: "silent",
  short_urls: "silent",
  stars: "silent",
  login_links: "silent",
  oauth_sessions: "silent",
};
