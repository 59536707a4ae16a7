import { dataSourceKind } from "@narthex/datasources";
import type { Permission } from "../access/own-permissions.ts";
import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import type { SecretBox } from "../secrets/secret-box.ts";
import { Documents } from "../state/documents.ts";
import { SourceChange } from "./source-change.ts";
import type { SourceDraft, SourceRecord } from "./source-record.ts";

interface Restricted {
  readonly uid: string;
  readonly permissions: readonly Permission[];
}

export class SourceStore {
  readonly #documents: Documents<SourceRecord>;
  /** The permissions of provisioned sources that were removed, by uid. */
  readonly #restricted: Documents<Restricted>;
  readonly #box: SecretBox;
  readonly #clock: Clock;

  private constructor(
    documents: Documents<SourceRecord>,
    restricted: Documents<Restricted>,
    box: SecretBox,
    clock: Clock,
  ) {
    this.#documents = documents;
    this.#restricted = restricted;
    this.#box = box;
    this.#clock = clock;
  }

  static async open(store: ConditionalStore, box: SecretBox, clock: Clock): Promise<SourceStore> {
    const documents = await Documents.open<SourceRecord>(store, "data_sources", { oneAtATime: true });
    const restricted = await Documents.open<Restricted>(store, "restricted_data_sources");
    return new SourceStore(documents, restricted, box, clock);
  }

  onChange(listener: () => void): void {
    this.#documents.onChange(listener);
  }

  /** Returns all sources, sorted by name. */
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

  /** The default data source, which is used if a query names none. */
  get default(): SourceRecord | undefined {
    return this.#documents.values().find(({ isDefault }) => isDefault);
  }

  /**
   * Returns the data source to use for a plugin type: the default data source if it has this type, otherwise the first
   * one of the type by name.
   */
  defaultOf(type: string): SourceRecord | undefined {
    const chosen = this.default;
    const types = dataSourceKind(type)?.types ?? [type];
    const isOfKind = (source: SourceRecord): boolean => types.includes(source.type);
    return chosen !== undefined && isOfKind(chosen) ? chosen : this.list().find(isOfKind);
  }

  /**
   * Returns the data source that a query names by uid or name. A missing reference or `default` means the default data
   * source.
   */
  referred(reference: string | null | undefined): SourceRecord | undefined {
    if (reference === null || reference === undefined || reference === "" || reference === "default") {
      return this.default;
    }
    return this.byUid(reference) ?? this.byName(reference);
  }

  /**
   * Makes several changes in one step. `steps` may be called several times, for example if another instance has changed
   * the data sources in the meantime. Rejects with the error that `steps` throws, or with StoreError.
   */
  async change<T>(steps: (change: SourceChange) => T): Promise<T> {
    await this.#keepPermissions(steps);
    return this.#documents.change(() => {
      const { change, result } = this.#planned(steps);
      return { put: change.put, removed: change.removed, result };
    });
  }

  #planned<T>(steps: (change: SourceChange) => T): { readonly change: SourceChange; readonly result: T } {
    const change = new SourceChange(new Map(this.#documents.entries()), {
      box: this.#box,
      now: this.#clock.now(),
      nextId: this.#documents.nextId(),
      earlierPermissions: (uid) => this.#restricted.get(uid)?.permissions,
    });
    return { change, result: steps(change) };
  }

  /**
   * Stores the permissions of provisioned data sources before a change removes them, because their files may come back.
   * The order ensures that the permissions are not lost if the server crashes in between.
   */
  async #keepPermissions(steps: (change: SourceChange) => unknown): Promise<void> {
    if (!this.#documents.values().some(({ isProvisioned, permissions }) => isProvisioned && permissions)) return;
    for (const uid of this.#planned(steps).change.removed) {
      const { isProvisioned = false, permissions } = this.byUid(uid) ?? {};
      if (isProvisioned && permissions) await this.#restricted.update(uid, () => ({ uid, permissions }));
    }
  }

  /**
   * Encrypts secrets of earlier keys with the current key. Returns the number of encrypted secrets, and the names of
   * secrets that could not be decrypted. Rejects with StoreError.
   */
  sealAgain(): Promise<{ readonly sealed: number; readonly unreadable: readonly string[] }> {
    return this.#documents.change(() => {
      const put = new Map<string, SourceRecord>();
      const unreadable: string[] = [];
      let sealed = 0;
      for (const record of this.#documents.values()) {
        const { uid, name } = record;
        const secrets = Object.entries(record.secrets).map(([key, before]): [string, string] => {
          const owner = `${uid}/${key}`;
          if (this.#box.isCurrent(before, owner)) return [key, before];
          const secret = this.#box.open(before, owner);
          if (secret === undefined) unreadable.push(`${name} ${key}`);
          else sealed++;
          return [key, secret === undefined ? before : this.#box.seal(secret, owner)];
        });
        const isChanged = secrets.some(([key, secret]) => secret !== record.secrets[key]);
        if (isChanged) put.set(uid, { ...record, secrets: Object.fromEntries(secrets) });
      }
      return { put, result: { sealed, unreadable } };
    });
  }

  add(draft: SourceDraft): Promise<SourceRecord> {
    return this.change((change) => change.add(draft));
  }

  async remove(source: SourceRecord): Promise<void> {
    await this.change((change) => change.remove(source));
  }
}
