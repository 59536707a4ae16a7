import type { Clock } from "@narthex/runtime";
import type { Store } from "@narthex/store";
import type { SecretBox } from "../secrets/secret-box.ts";
import { Documents } from "../state/documents.ts";
import { isUid, MAX_UID_LENGTH, newUid } from "../state/uids.ts";
import { refusal } from "../web/refusal.ts";
import { sealSecrets, type SourceDraft, type SourceRecord } from "./source-record.ts";

/** Whose change it is: a user's, or that of a provisioning file. */
interface SaveOptions {
  readonly isProvisioned: boolean;
  readonly readOnly: boolean;
  /** Secrets that the draft does not name stay. */
  readonly keepSecrets: boolean;
  /** The version to have afterwards; default: one more. */
  readonly version?: number;
}

const BY_USER: SaveOptions = { isProvisioned: false, readOnly: false, keepSecrets: true };

/** The data sources. */
export class SourceStore {
  readonly #documents: Documents<SourceRecord>;
  readonly #box: SecretBox;
  readonly #clock: Clock;

  private constructor(documents: Documents<SourceRecord>, box: SecretBox, clock: Clock) {
    this.#documents = documents;
    this.#box = box;
    this.#clock = clock;
  }

  /** Rejects with StoreError. */
  static async open(store: Store, box: SecretBox, clock: Clock): Promise<SourceStore> {
    return new SourceStore(await Documents.open<SourceRecord>(store.collection("data_sources")), box, clock);
  }

  onChange(listener: () => void): void {
    this.#documents.onChange(listener);
  }

  /** By name. */
  list(): readonly SourceRecord[] {
    return [...this.#documents.values()].toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  byUid(uid: string): SourceRecord | undefined {
    return this.#documents.get(uid);
  }

  byName(name: string): SourceRecord | undefined {
    return this.#documents.values().find((source) => source.name === name);
  }

  byId(id: number): SourceRecord | undefined {
    return this.#documents.values().find((source) => source.id === id);
  }

  /** The source that is meant where none is named. */
  get default(): SourceRecord | undefined {
    return this.#documents.values().find(({ isDefault }) => isDefault);
  }

  /** The source that is meant by a type alone: the default one where it is of that type, else the first by name. */
  defaultOf(type: string): SourceRecord | undefined {
    const chosen = this.default;
    return chosen?.type === type ? chosen : this.list().find((source) => source.type === type);
  }

  /** By what a target names: uid, name, `default`, or nothing. */
  referred(reference: string | null | undefined): SourceRecord | undefined {
    if (reference === null || reference === undefined || reference === "" || reference === "default") {
      return this.default;
    }
    return this.byUid(reference) ?? this.byName(reference);
  }

  /** Adds a source. Rejects with a refusal. */
  async add(draft: SourceDraft, options: SaveOptions = BY_USER): Promise<SourceRecord> {
    const uid = draft.uid === "" ? newUid() : draft.uid;
    if (uid.length > MAX_UID_LENGTH || !isUid(uid))
      throw refusal(400, "invalid uid: letters, digits, - and _, at most 40");
    if (this.byName(draft.name) !== undefined) throw refusal(409, "data source with the same name already exists");
    if (this.byUid(uid) !== undefined) throw refusal(409, "data source with the same uid already exists");
    const now = this.#clock.now();
    return this.#put({ ...draft, uid }, options, {
      id: this.#documents.nextId(),
      version: options.version ?? 1,
      created: now,
      secrets: {},
    });
  }

  /** Replaces a source; its uid may change. Rejects with a refusal. */
  async update(before: SourceRecord, draft: SourceDraft, options: SaveOptions = BY_USER): Promise<SourceRecord> {
    const uid = draft.uid === "" ? before.uid : draft.uid;
    if (uid.length > MAX_UID_LENGTH || !isUid(uid))
      throw refusal(400, "invalid uid: letters, digits, - and _, at most 40");
    const [sameName, sameUid] = [this.byName(draft.name), this.byUid(uid)];
    if (sameName !== undefined && sameName.id !== before.id) {
      throw refusal(409, "data source with the same name already exists");
    }
    if (sameUid !== undefined && sameUid.id !== before.id) {
      throw refusal(409, "data source with the same uid already exists");
    }
    const secrets = options.keepSecrets ? this.#resealed(before, uid) : {};
    const version = options.version ?? before.version + 1;
    const saved = await this.#put({ ...draft, uid }, options, { ...before, version, secrets });
    if (uid !== before.uid) await this.#documents.remove(before.uid);
    return saved;
  }

  async remove({ uid }: SourceRecord): Promise<void> {
    await this.#documents.remove(uid);
  }

  /** Secrets open for the uid that they were sealed for alone. */
  #resealed({ uid: before, secrets }: SourceRecord, uid: string): Readonly<Record<string, string>> {
    if (uid === before) return secrets;
    const opened = Object.entries(secrets).map(([key, sealed]) => [
      key,
      this.#box.open(sealed, `${before}/${key}`) ?? "",
    ]);
    return sealSecrets(this.#box, uid, Object.fromEntries(opened) as Record<string, string>);
  }

  async #put(
    { secureJsonData, ...draft }: SourceDraft,
    { isProvisioned, readOnly }: SaveOptions,
    known: Pick<SourceRecord, "id" | "version" | "created" | "secrets">,
  ): Promise<SourceRecord> {
    const { id, version, created } = known;
    const secrets = sealSecrets(this.#box, draft.uid, secureJsonData, known.secrets);
    const record = { ...draft, id, version, created, secrets, isProvisioned, readOnly, updated: this.#clock.now() };
    if (record.isDefault) await this.#takeDefault(record.uid);
    await this.#documents.put(record.uid, record);
    return record;
  }

  /** There is one default: the source that becomes it takes that from the one before. */
  async #takeDefault(uid: string): Promise<void> {
    const before = this.default;
    if (before !== undefined && before.uid !== uid)
      await this.#documents.put(before.uid, { ...before, isDefault: false });
  }
}
