import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import { type OwnPermissions, storedPermissions } from "../access/own-permissions.ts";
import { DocumentIndex } from "../state/document-index.ts";
import { Documents, type Guard, type Plan } from "../state/documents.ts";
import { isUid, MAX_UID_LENGTH, newUid } from "../state/uids.ts";
import { Refusal, refusal } from "../web/refusal.ts";

export interface Folder extends OwnPermissions {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  /** Uid of the parent folder; empty for the root. */
  readonly parentUid: string;
  readonly version: number;
  /** Time of creation, Unix ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly updated: number;
  readonly updatedBy: string;
  /**
   * Whether the folder is being deleted, so that nothing can be saved into it. If a crash interrupts the deletion, a
   * second deletion completes it.
   */
  readonly isGoing?: boolean;
}

/** Largest depth of folders within folders, and largest length of a title in characters. */
export const MAX_DEPTH = 8;
const MAX_TITLE = 189;

export interface NewFolder extends OwnPermissions {
  readonly uid: string;
  readonly title: string;
  readonly parentUid: string;
  readonly user: string;
}

export class FolderStore {
  readonly #documents: Documents<Folder>;
  readonly #clock: Clock;
  readonly #byId: DocumentIndex<Folder, number>;

  private constructor(documents: Documents<Folder>, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
    this.#byId = new DocumentIndex(documents, ({ id }) => [id]);
  }

  static async open(store: ConditionalStore, clock: Clock): Promise<FolderStore> {
    return new FolderStore(await Documents.open<Folder>(store, "folders", { oneAtATime: true }), clock);
  }

  values(): IteratorObject<Folder> {
    return this.#documents.values();
  }

  byUid(uid: string): Folder | undefined {
    return this.#documents.get(uid);
  }

  byId(id: number): Folder | undefined {
    return this.#byId.first(id);
  }

  /** Returns the folders that are directly in a folder, sorted by title. An empty uid means the root. */
  childrenOf(parentUid: string): readonly Folder[] {
    return inOrder([...this.#documents.values()].filter((folder) => folder.parentUid === parentUid));
  }

  /** Returns the folders that contain a folder, the outermost first. */
  parentsOf(folder: Folder): readonly Folder[] {
    const parents: Folder[] = [];
    for (let next = this.byUid(folder.parentUid); next !== undefined; next = this.byUid(next.parentUid)) {
      if (parents.length > MAX_DEPTH) break;
      parents.unshift(next);
    }
    return parents;
  }

  /** Changes the permissions of a folder. Rejects with a refusal or StoreError. */
  setPermissions(folder: Folder, next: (known: Folder) => OwnPermissions, user: string): Promise<Folder> {
    return this.#change(folder, user, next);
  }

  /** Returns a folder and all folders within it. */
  within(folder: Folder): readonly Folder[] {
    const children = Map.groupBy(this.#documents.values(), ({ parentUid }) => parentUid);
    const found = new Map([[folder.uid, folder]]);
    for (const { uid } of found.values())
      for (const child of inOrder(children.get(uid) ?? [])) if (!found.has(child.uid)) found.set(child.uid, child);
    return [...found.values()];
  }

  /** Adds a folder. Rejects with a refusal in Grafana's words, or with StoreError. */
  async add(folder: NewFolder): Promise<Folder> {
    const made = this.#newFolder(folder);
    return this.#documents.change(() => {
      if (this.byUid(made.uid) !== undefined) throw refusal(409, "a folder with the same uid already exists");
      return this.#addition(made);
    });
  }

  /**
   * Returns the folder with this uid. Without a uid, returns the folder with this title and parent. Creates a missing
   * folder; concurrent instances create it only once. If the folder must be for admins only and `folder.user` has
   * created the existing one, restricts it. Rejects with a refusal in Grafana's words, or with StoreError.
   */
  async provide(folder: NewFolder): Promise<Folder> {
    const made = this.#newFolder(folder);
    return this.#documents.change(() => {
      const known = folder.uid === "" ? this.#titled(made) : this.byUid(folder.uid);
      if (known === undefined) return this.#addition(made);
      const isClosing = made.isForAdmins === true && known.isForAdmins !== true && known.createdBy === folder.user;
      return isClosing ? this.#changed(known, folder.user, { isForAdmins: true }) : { result: known };
    });
  }

  #titled({ title, parentUid }: Pick<Folder, "title" | "parentUid">): Folder | undefined {
    const [first] = this.childrenOf(parentUid)
      .filter((folder) => folder.title === title)
      .toSorted((a, b) => a.created - b.created || (a.uid < b.uid ? -1 : 1));
    return first;
  }

  #newFolder({ uid: wanted, title: given, parentUid, user, ...rights }: NewFolder): Omit<Folder, "id"> {
    const title = checkedTitle(given);
    const uid = wanted === "" ? newUid() : wanted;
    if (uid.length > MAX_UID_LENGTH) throw refusal(400, `uid too long, max ${MAX_UID_LENGTH} characters`);
    if (!isUid(uid) || uid === "general") throw refusal(400, "uid contains illegal characters");
    const now = this.#clock.now();
    const times = { created: now, createdBy: user, updated: now, updatedBy: user };
    return { uid, title, parentUid, ...storedPermissions(rights), version: 1, ...times };
  }

  #addition(made: Omit<Folder, "id">): Plan<Folder, Folder> {
    const result: Folder = { id: this.#documents.nextId(), ...made };
    this.#checkPlace(result, result.parentUid);
    return { put: new Map([[result.uid, result]]), result };
  }

  /**
   * Changes the title of a folder. Rejects with a refusal or StoreError.
   * @param version version that the folder must have; undefined for any version
   */
  async rename(folder: Folder, title: string, user: string, version?: number): Promise<Folder> {
    const checked = checkedTitle(title);
    return this.#change(folder, user, (known) => {
      if (version !== undefined && version !== known.version) throw changedMeanwhile();
      return { title: checked };
    });
  }

  /** Moves a folder into another folder. Rejects with a refusal or StoreError. */
  async move(folder: Folder, parentUid: string, user: string): Promise<Folder> {
    return this.#change(folder, user, (known) => {
      if (this.within(known).some(({ uid }) => uid === parentUid)) {
        throw refusal(400, "failed to move folder: it cannot be moved into itself or a folder within it");
      }
      this.#checkPlace(known, parentUid, heightOf(this.within(known)));
      return { parentUid };
    });
  }

  #change({ uid }: Folder, updatedBy: string, next: (folder: Folder) => Partial<Folder>): Promise<Folder> {
    return this.#documents.change(() => {
      const known = this.byUid(uid);
      if (known === undefined) throw folderNotFound();
      if (known.isGoing === true) throw beingDeleted(known);
      return this.#changed(known, updatedBy, next(known));
    });
  }

  #changed(known: Folder, updatedBy: string, change: Partial<Folder>): Plan<Folder, Folder> {
    const result = { ...known, ...change, version: known.version + 1, updated: this.#clock.now(), updatedBy };
    return { put: new Map([[known.uid, result]]), result };
  }

  /**
   * Returns the conditions that must still be true when something is saved into a folder. Returns no conditions for the
   * root. Throws a refusal if the folder is being deleted.
   */
  guards(uid: string): readonly Guard[] {
    const folder = this.byUid(uid);
    if (folder?.isGoing === true) throw beingDeleted(folder);
    const guard = folder === undefined ? undefined : this.#documents.guard(uid);
    return guard === undefined ? [] : [guard];
  }

  /**
   * Throws a refusal if a folder must not be moved into the folder `parentUid`.
   * @param height number of levels of the folder and the folders within it
   */
  #checkPlace(folder: Folder, parentUid: string, height = 1): void {
    if (parentUid === "") return;
    const parent = this.byUid(parentUid);
    if (parent === undefined || parent.isGoing === true) throw refusal(400, "parent folder not found");
    if (this.parentsOf(parent).length + 1 + height > MAX_DEPTH) {
      throw refusal(
        400,
        `folder ${JSON.stringify(folder.title)}: folders can be nested at most ${MAX_DEPTH} levels deep`,
      );
    }
  }

  /**
   * Marks a folder and its subfolders as being deleted, or removes the marks. Returns the folders. Nothing can be saved
   * into marked folders. Rejects with a refusal or StoreError.
   */
  markDeleting({ uid }: Folder, isGoing: boolean): Promise<readonly Folder[]> {
    return this.#documents.change(() => {
      const folder = this.byUid(uid);
      if (folder === undefined) throw folderNotFound();
      const all = this.within(folder);
      return { put: new Map(all.map((one) => [one.uid, marked(one, isGoing)])), result: all };
    });
  }

  /**
   * Adds deleted folders again, except those that an interrupted restore has added. Rejects with a refusal if a uid is in
   * use, or with StoreError.
   *
   * @param deleted a folder, followed by the folders within it
   * @param hasParent whether the folder above still exists. Otherwise the folder comes to the root, for admins only,
   *   because the rights that it inherited are unknown.
   */
  restore(deleted: readonly Folder[], hasParent: boolean): Promise<readonly Folder[]> {
    return this.#documents.change(() => {
      const uids = new Set(deleted.map(({ uid }) => uid));
      const result = deleted.map((folder): Folder => {
        const known = this.byUid(folder.uid);
        if (known?.id === folder.id) return known;
        if (known !== undefined) throw refusal(409, "a folder with the same uid already exists");
        if (hasParent || uids.has(folder.parentUid)) return marked(folder, false);
        return marked({ ...folder, parentUid: "", isForAdmins: true }, false);
      });
      this.#checkPlace(result[0]!, result[0]!.parentUid, heightOf(result));
      return { put: new Map(result.map((folder) => [folder.uid, folder])), result };
    });
  }

  /** Removes folders, which markDeleting() must have marked as being deleted. Rejects with StoreError. */
  async remove(folders: readonly Folder[]): Promise<void> {
    await this.#documents.change(() => ({ removed: folders.map(({ uid }) => uid), result: undefined }));
  }
}

/** Returns the number of levels of a folder and the folders within it, which follow it in the list. */
function heightOf(folders: readonly Folder[]): number {
  const depths = new Map<string, number>();
  let height = 1;
  for (const { uid, parentUid } of folders) {
    const depth = (depths.get(parentUid) ?? 0) + 1;
    depths.set(uid, depth);
    height = Math.max(height, depth);
  }
  return height;
}

const inOrder = (folders: readonly Folder[]): readonly Folder[] =>
  folders.toSorted((a, b) => (a.title.toLowerCase() < b.title.toLowerCase() ? -1 : 1));

const marked = ({ isGoing: _before, ...folder }: Folder, isGoing: boolean): Folder =>
  isGoing ? { ...folder, isGoing } : folder;

const beingDeleted = ({ title }: Folder): Refusal => refusal(400, `folder ${JSON.stringify(title)} is being deleted`);
export const folderNotFound = (): Refusal => new Refusal(404, { message: "folder not found", status: "not-found" });

const changedMeanwhile = (): Refusal =>
  new Refusal(412, { message: "the folder has been changed by someone else", status: "version-mismatch" });

function checkedTitle(given: string): string {
  const title = given.trim();
  if (title === "") throw refusal(400, "folder title cannot be empty");
  if (title.length > MAX_TITLE) throw refusal(400, `folder title cannot contain more than ${MAX_TITLE} characters`);
  return title;
}
