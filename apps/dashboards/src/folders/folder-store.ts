import type { Clock } from "@narthex/runtime";
import type { Store } from "@narthex/store";
import { Documents } from "../state/documents.ts";
import { isUid, MAX_UID_LENGTH, newUid } from "../state/uids.ts";
import { refusal } from "../web/refusal.ts";

/** A folder of dashboards. */
export interface Folder {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  /** "" for the root. */
  readonly parentUid: string;
  readonly version: number;
  /** Unix ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly updated: number;
  readonly updatedBy: string;
}

/** Folders within folders, at most. */
const MAX_DEPTH = 8;
const MAX_TITLE = 189;

export interface NewFolder {
  readonly uid: string;
  readonly title: string;
  readonly parentUid: string;
  /** The login of whom it comes from. */
  readonly user: string;
}

/** The folders, by uid. */
export class FolderStore {
  readonly #documents: Documents<Folder>;
  readonly #clock: Clock;

  private constructor(documents: Documents<Folder>, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** Rejects with StoreError. */
  static async open(store: Store, clock: Clock): Promise<FolderStore> {
    return new FolderStore(await Documents.open<Folder>(store.collection("folders")), clock);
  }

  values(): Iterable<Folder> {
    return this.#documents.values();
  }

  byUid(uid: string): Folder | undefined {
    return this.#documents.get(uid);
  }

  /** Direct children of a folder, by title; "" for the root. */
  childrenOf(parentUid: string): readonly Folder[] {
    return [...this.#documents.values()]
      .filter((folder) => folder.parentUid === parentUid)
      .toSorted((a, b) => (a.title.toLowerCase() < b.title.toLowerCase() ? -1 : 1));
  }

  /** A folder's parents, the root's child first. */
  parentsOf(folder: Folder): readonly Folder[] {
    const parents: Folder[] = [];
    for (let next = this.byUid(folder.parentUid); next !== undefined; next = this.byUid(next.parentUid)) {
      if (parents.length > MAX_DEPTH) break;
      parents.unshift(next);
    }
    return parents;
  }

  /** A folder and all folders within it. */
  within(folder: Folder): readonly Folder[] {
    const found = [folder];
    for (let i = 0; i < found.length; i++) found.push(...this.childrenOf(found[i]!.uid));
    return found;
  }

  /** Rejects with a refusal in Grafana's words, or StoreError. */
  async add({ uid: wanted, title: given, parentUid, user }: NewFolder): Promise<Folder> {
    const title = checkedTitle(given);
    const uid = wanted === "" ? newUid() : wanted;
    if (uid.length > MAX_UID_LENGTH) throw refusal(400, `uid too long, max ${MAX_UID_LENGTH} characters`);
    if (!isUid(uid) || uid === "general") throw refusal(400, "uid contains illegal characters");
    if (this.byUid(uid) !== undefined) throw refusal(409, "a folder with the same uid already exists");
    const now = this.#clock.now();
    const folder = {
      id: this.#documents.nextId(),
      uid,
      title,
      parentUid,
      version: 1,
      created: now,
      createdBy: user,
      updated: now,
      updatedBy: user,
    };
    this.#checkPlace(folder, parentUid);
    await this.#documents.put(uid, folder);
    return folder;
  }

  /** Rejects with a refusal or StoreError. */
  async rename(folder: Folder, title: string, user: string): Promise<Folder> {
    return this.#change(folder, { title: checkedTitle(title) }, user);
  }

  /** Rejects with a refusal or StoreError. */
  async move(folder: Folder, parentUid: string, user: string): Promise<Folder> {
    if (this.within(folder).some(({ uid }) => uid === parentUid)) {
      throw refusal(400, "failed to move folder: it cannot be moved into itself or a folder within it");
    }
    this.#checkPlace(folder, parentUid);
    return this.#change(folder, { parentUid }, user);
  }

  async #change(folder: Folder, change: Partial<Folder>, updatedBy: string): Promise<Folder> {
    const changed = { ...folder, ...change, version: folder.version + 1, updated: this.#clock.now(), updatedBy };
    await this.#documents.put(folder.uid, changed);
    return changed;
  }

  #checkPlace(folder: Folder, parentUid: string): void {
    if (parentUid === "") return;
    const parent = this.byUid(parentUid);
    if (parent === undefined) throw refusal(400, "parent folder not found");
    if (this.parentsOf(parent).length + 2 > MAX_DEPTH) {
      throw refusal(400, `folder ${JSON.stringify(folder.title)}: folders may lie ${MAX_DEPTH} deep at most`);
    }
  }

  async remove({ uid }: Folder): Promise<void> {
    await this.#documents.remove(uid);
  }
}

function checkedTitle(given: string): string {
  const title = given.trim();
  if (title === "") throw refusal(400, "folder title cannot be empty");
  if (title.length > MAX_TITLE) throw refusal(400, `folder title cannot contain more than ${MAX_TITLE} characters`);
  return title;
}
