import { isDeepStrictEqual } from "node:util";
import type { Permission } from "../access/own-permissions.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import { isUid, MAX_UID_LENGTH, newUid } from "../state/uids.ts";
import { type Refusal, refusal } from "../web/refusal.ts";
import { sealSecrets, type SourceDraft, type SourceRecord } from "./source-record.ts";

/** Options of a change, which depend on whether a user or a provisioning file makes it. */
interface SaveOptions {
  readonly isProvisioned: boolean;
  readonly readOnly: boolean;
  /** Whether stored secrets are kept if the draft does not contain them. */
  readonly keepSecrets: boolean;
  /** Version number of the changed source. Default: the current version plus one. */
  readonly version?: number;
}

const BY_USER: SaveOptions = { isProvisioned: false, readOnly: false, keepSecrets: true };

interface ChangeOptions {
  readonly box: SecretBox;
  readonly now: number;
  /** Id for the first data source that the change adds. */
  readonly nextId: number;
  /** Returns the permissions that a provisioned data source had when it was removed. */
  readonly earlierPermissions: (uid: string) => readonly Permission[] | undefined;
}

/** Collects the steps of a change. The object contains the data sources as they are after all steps so far. */
export class SourceChange {
  readonly #before: ReadonlyMap<string, SourceRecord>;
  readonly #sources: Map<string, SourceRecord>;
  readonly #box: SecretBox;
  readonly #now: number;
  readonly #earlierPermissions: ChangeOptions["earlierPermissions"];
  #nextId: number;

  constructor(before: ReadonlyMap<string, SourceRecord>, { box, now, nextId, earlierPermissions }: ChangeOptions) {
    this.#before = before;
    this.#sources = new Map(before);
    this.#box = box;
    this.#now = now;
    this.#earlierPermissions = earlierPermissions;
    this.#nextId = nextId;
  }

  values(): MapIterator<SourceRecord> {
    return this.#sources.values();
  }

  byName(name: string): SourceRecord | undefined {
    return this.#sources.values().find((source) => source.name === name);
  }

  get put(): ReadonlyMap<string, SourceRecord> {
    return new Map([...this.#sources].filter(([uid, source]) => this.#before.get(uid) !== source));
  }

  get removed(): readonly string[] {
    return [...this.#before.keys()].filter((uid) => !this.#sources.has(uid));
  }

  /**
   * Adds a data source. A provisioned one gets the permissions that it had before it was removed. Throws a refusal if
   * its name or uid is in use.
   */
  add(draft: SourceDraft, options: SaveOptions = BY_USER): SourceRecord {
    const uid = checkedUid(draft.uid === "" ? newUid() : draft.uid);
    this.#checkUnique(draft.name, uid, undefined);
    const permissions = options.isProvisioned ? this.#permissionsBefore(uid, draft.name) : undefined;
    return this.#put({ ...draft, uid }, options, {
      id: this.#nextId++,
      version: options.version ?? 1,
      created: this.#now,
      secrets: {},
      ...(permissions === undefined ? {} : { permissions }),
    });
  }

  /**
   * Returns the permissions that a data source had before this change, or an earlier change, removed it. Provisioning
   * files often delete a data source and add it again.
   */
  #permissionsBefore(uid: string, name: string): readonly Permission[] | undefined {
    const removed = this.#before
      .values()
      .find((source) => (source.uid === uid || source.name === name) && !this.#sources.has(source.uid));
    return removed === undefined ? this.#earlierPermissions(uid) : removed.permissions;
  }

  /**
   * Replaces the permissions of a data source. Its version stays the same. Throws a refusal if they are not allowed.
   */
  setPermissions({ uid }: SourceRecord, next: (before: SourceRecord) => readonly Permission[]): void {
    const before = this.#sources.get(uid);
    if (before === undefined) throw sourceNotFound();
    this.#sources.set(uid, { ...before, permissions: next(before) });
  }

  /**
   * Replaces a data source, whose uid may change. Without `keepSecrets`, a replacement by an equal data source has no
   * effect. Throws Refusal.
   */
  update(seen: SourceRecord, draft: SourceDraft, options: SaveOptions = BY_USER): SourceRecord {
    const before = this.#sources.get(seen.uid);
    if (before === undefined) throw sourceNotFound();
    if (before.version !== seen.version) throw staleSource();
    const uid = checkedUid(draft.uid === "" ? before.uid : draft.uid);
    this.#checkUnique(draft.name, uid, before.id);
    if (options.keepSecrets) checkSecretsStay(before, draft);
    else if (uid === before.uid && this.#isSame(before, { ...draft, uid }, options)) return before;
    const secrets = options.keepSecrets ? this.#resealed(before, uid) : {};
    const version = options.version ?? before.version + 1;
    if (uid !== before.uid) this.#sources.delete(before.uid);
    const isEdited =
      options.isProvisioned && options.keepSecrets && (before.isEdited === true || !reads(before, draft));
    return this.#put({ ...draft, uid }, options, { ...before, version, secrets }, isEdited);
  }

  remove({ uid }: SourceRecord): void {
    this.#sources.delete(uid);
  }

  #checkUnique(name: string, uid: string, id: number | undefined): void {
    const [sameName, sameUid] = [this.byName(name), this.#sources.get(uid)];
    if (sameName !== undefined && sameName.id !== id)
      throw refusal(409, "data source with the same name already exists");
    if (sameUid !== undefined && sameUid.id !== id) throw refusal(409, "data source with the same uid already exists");
  }

  /**
   * Reports whether a save would change nothing. Secrets are compared in plain text, because encryption gives a
   * different text each time.
   */
  #isSame(before: SourceRecord, { secureJsonData, ...draft }: SourceDraft, options: SaveOptions): boolean {
    if (
      before.isEdited === true ||
      before.readOnly !== options.readOnly ||
      before.isProvisioned !== options.isProvisioned
    )
      return false;
    if (options.version !== undefined && options.version !== before.version) return false;
    const given = Object.entries(secureJsonData).filter(([, secret]) => secret !== "");
    if (given.length !== Object.keys(before.secrets).length) return false;
    const areSecretsSame = given.every(([key, secret]) => {
      const sealed = Object.hasOwn(before.secrets, key) ? before.secrets[key] : undefined;
      return sealed !== undefined && this.#box.open(sealed, `${before.uid}/${key}`) === secret;
    });
    return (
      areSecretsSame &&
      (Object.keys(draft) as (keyof typeof draft)[]).every(
        (key) => JSON.stringify(draft[key]) === JSON.stringify(before[key]),
      )
    );
  }

  /**
   * Encrypts secrets again for another uid, because secrets can be decrypted only for the uid for which they were
   * encrypted.
   */
  #resealed({ uid: before, secrets }: SourceRecord, uid: string): Readonly<Record<string, string>> {
    if (uid === before) return secrets;
    const opened = Object.entries(secrets).map(([key, sealed]) => [
      key,
      this.#box.open(sealed, `${before}/${key}`) ?? "",
    ]);
    return sealSecrets(this.#box, uid, Object.fromEntries(opened) as Record<string, string>);
  }

  #put(
    { secureJsonData, ...draft }: SourceDraft,
    { isProvisioned, readOnly }: SaveOptions,
    known: Pick<SourceRecord, "id" | "version" | "created" | "secrets" | "permissions">,
    isEdited = false,
  ): SourceRecord {
    const { id, version, created, permissions } = known;
    const secrets = sealSecrets(this.#box, draft.uid, secureJsonData, known.secrets);
    const record: SourceRecord = {
      ...draft,
      id,
      version,
      created,
      secrets,
      isProvisioned,
      readOnly,
      ...(permissions === undefined ? {} : { permissions }),
      ...(isEdited && { isEdited }),
      updated: this.#now,
    };
    // Removes the flag from the previous default data source, because there is only one default.
    if (record.isDefault)
      for (const [uid, other] of this.#sources)
        if (other.isDefault && uid !== record.uid) this.#sources.set(uid, { ...other, isDefault: false });
    this.#sources.set(record.uid, record);
    return record;
  }
}

export const sourceNotFound = (): Refusal => refusal(404, "Data source not found");

export const staleSource = (): Refusal =>
  refusal(409, "Datasource has already been updated by someone else. Please reload and try again");

function checkedUid(uid: string): string {
  if (uid.length <= MAX_UID_LENGTH && isUid(uid)) return uid;
  throw refusal(400, "invalid uid: letters, digits, - and _, at most 40");
}

/**
 * Throws Refusal if stored secrets would be kept although the URL leads to another server, or a password although it
 * belongs to another user. Otherwise a user who may change a data source could send its secrets to another server.
 */
function checkSecretsStay(before: SourceRecord, draft: SourceDraft): void {
  for (const [password, userOf] of Object.entries(USERS)) {
    const isKept = Object.hasOwn(before.secrets, password) && !Object.hasOwn(draft.secureJsonData, password);
    if (isKept && userOf(before) !== userOf(draft))
      throw refusal(
        400,
        `The user name has changed, and the stored password is that of another user: ` +
          `give ${password} in secureJsonData again, or "" to remove it`,
      );
  }
  if (serverOf(before) === serverOf(draft)) return;
  const kept = Object.keys(before.secrets).filter((key) => !Object.hasOwn(draft.secureJsonData, key));
  if (kept.length === 0) return;
  throw refusal(
    400,
    `The URL leads to another server, which must not get the secrets of this one: ` +
      `give ${kept.join(", ")} in secureJsonData again, or "" to remove them`,
  );
}

/** Functions that return the user to whom a password belongs, by the name of the secret. */
const USERS: Readonly<Record<string, (source: Pick<SourceDraft, "user" | "basicAuthUser" | "jsonData">) => string>> = {
  password: ({ user, jsonData }) => JSON.stringify([user, jsonData["username"]]),
  basicAuthPassword: ({ basicAuthUser }) => basicAuthUser,
};

/** Settings that decide what a source reads, and therefore which files of this machine. */
const READ_SETTINGS = ["type", "url", "database", "jsonData"] as const;

/** Reports whether a draft reads the same as a source. */
const reads = (before: SourceRecord, draft: SourceDraft): boolean =>
  READ_SETTINGS.every((key) => isDeepStrictEqual(before[key], draft[key]));

/** Settings in jsonData that decide which servers get the secrets of a source. */
const ADDRESS_SETTINGS = ["host", "server", "port", "secure", "allowedHosts"];

/** Identifies the servers of a source: scheme, host and port of its URL, and the addresses among its settings. */
function serverOf({ url, jsonData }: Pick<SourceDraft, "url" | "jsonData">): string {
  const origin = URL.parse(url)?.origin;
  const settings = ADDRESS_SETTINGS.map((key) => (Object.hasOwn(jsonData, key) ? jsonData[key] : undefined));
  return JSON.stringify([origin === undefined || origin === "null" ? url : origin, settings]);
}
