import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import type { FolderStore } from "../folders/folder-store.ts";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import { isUid, MAX_UID_LENGTH, newUid } from "../state/uids.ts";
import { type Refusal, refusal } from "../web/refusal.ts";
import type { Body } from "../web/request-body.ts";

/** A panel that several dashboards can show. */
export interface LibraryElement {
  readonly id: number;
  readonly uid: string;
  readonly folderUid: string;
  readonly name: string;
  /** Kind of the element in Grafana's API; 1 is a panel. */
  readonly kind: number;
  readonly model: Body;
  readonly version: number;
  /** Time of creation, epoch ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly updated: number;
  readonly updatedBy: string;
}

/** The data for a new element. If the uid is empty, a new one is generated. */
export type ElementDraft = Pick<LibraryElement, "uid" | "folderUid" | "name" | "kind" | "model"> & {
  readonly user: string;
};

export function changedMeanwhile(): Refusal {
  return refusal(412, "the library element has been changed by someone else");
}

function alreadyThere(): Refusal {
  return refusal(400, "library element with that name or UID already exists");
}

export class LibraryStore {
  readonly #documents: Documents<LibraryElement>;
  readonly #folders: FolderStore;
  readonly #clock: Clock;

  private constructor(documents: Documents<LibraryElement>, folders: FolderStore, clock: Clock) {
    this.#documents = documents;
    this.#folders = folders;
    this.#clock = clock;
  }

  static async open(store: ConditionalStore, folders: FolderStore, clock: Clock): Promise<LibraryStore> {
    return new LibraryStore(
      await Documents.open<LibraryElement>(store, "library_elements", {
        oneAtATime: true,
        memory: MEMORY_LIMITS.libraryElements,
      }),
      folders,
      clock,
    );
  }

  values(): MapIterator<LibraryElement> {
    return this.#documents.values();
  }

  byUid(uid: string): LibraryElement | undefined {
    return this.#documents.get(uid);
  }

  /** Adds a library panel. Rejects with Refusal (with Grafana's message), or with StoreError. */
  async add({ user, ...draft }: ElementDraft): Promise<LibraryElement> {
    const uid = draft.uid === "" ? newUid() : draft.uid;
    if (uid.length > MAX_UID_LENGTH || !isUid(uid)) throw refusal(400, "uid contains illegal characters");
    const now = this.#clock.now();
    const made = { created: now, createdBy: user, updated: now, updatedBy: user };
    return this.#put(() => {
      if (this.byUid(uid) !== undefined) throw alreadyThere();
      return { id: this.#documents.nextId(), version: 1, ...draft, uid, ...made };
    });
  }

  /** Changes a library panel. Rejects with Refusal (with Grafana's message), or with StoreError. */
  change({ uid, version }: LibraryElement, change: Partial<LibraryElement>, user: string): Promise<LibraryElement> {
    return this.#put(() => {
      const before = this.byUid(uid);
      if (before === undefined) throw refusal(404, "library element could not be found");
      if (before.version !== version) throw changedMeanwhile();
      return { ...before, ...change, updated: this.#clock.now(), updatedBy: user, version: version + 1 };
    });
  }

  #put(next: () => LibraryElement): Promise<LibraryElement> {
    return this.#documents.change(() => {
      const element = next();
      const { uid, name, folderUid } = element;
      if (name === "") throw refusal(400, "library element must have a name");
      if (folderUid !== "" && this.#folders.byUid(folderUid) === undefined) throw refusal(404, "folder not found");
      if (this.#hasOther(element)) throw alreadyThere();
      return { put: new Map([[uid, element]]), guards: this.#folders.guards(folderUid), result: element };
    });
  }

  #hasOther({ uid, name, folderUid }: Pick<LibraryElement, "uid" | "name" | "folderUid">): boolean {
    return this.values().some((one) => one.name === name && one.folderUid === folderUid && one.uid !== uid);
  }

  /** Returns an unused name for a library panel in a folder: the given name, with a number added if it is in use. */
  freeName(name: string, folderUid: string): string {
    const here = this.values().filter((one) => one.folderUid === folderUid);
    const taken = new Set(here.map((one) => one.name));
    let free = name;
    for (let i = 2; taken.has(free); i++) free = `${name} (${i})`;
    return free;
  }

  async remove({ uid }: LibraryElement): Promise<void> {
    await this.#documents.remove(uid);
  }

  /** Returns the library panels that are in these folders. */
  within(folderUids: ReadonlySet<string>): readonly LibraryElement[] {
    return [...this.values()].filter(({ folderUid }) => folderUids.has(folderUid));
  }

  /**
   * Adds deleted library panels again. Returns the panels that could not be added, because their uid or name is in use.
   * Rejects with StoreError.
   */
  restore(elements: readonly LibraryElement[]): Promise<readonly LibraryElement[]> {
    return this.#documents.change(() => {
      const missing = elements.filter((element) => this.byUid(element.uid)?.id !== element.id);
      const isFree = (element: LibraryElement): boolean =>
        this.byUid(element.uid) === undefined && !this.#hasOther(element);
      const [free, taken] = [missing.filter(isFree), missing.filter((element) => !isFree(element))];
      return { put: new Map(free.map((element) => [element.uid, element])), result: taken };
    });
  }

  /** Reads the library panels that other instances have changed. Rejects with StoreError. */
  refresh(): Promise<void> {
    return this.#documents.refresh();
  }

  /** Removes the library panels in folders that are being deleted. Rejects with StoreError. */
  async removeWithin(folderUids: ReadonlySet<string>): Promise<void> {
    await this.#documents.change(() => ({
      removed: this.within(folderUids).map(({ uid }) => uid),
      result: undefined,
    }));
  }
}
