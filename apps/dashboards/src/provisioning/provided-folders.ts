import type { FolderStore } from "../folders/folder-store.ts";
import type { DashboardFile } from "./dashboard-files.ts";
import type { Provider } from "./provider-files.ts";

/**
 * Finds the folders for a provider's dashboards and creates missing ones. Results are cached, so an instance is valid
 * for only one scan.
 */
export class ProvidedFolders {
  readonly #store: FolderStore;
  readonly #provider: Provider;
  readonly #user: string;
  readonly #known = new Map<string, string>();

  constructor(store: FolderStore, provider: Provider, user: string) {
    this.#store = store;
    this.#provider = provider;
    this.#user = user;
  }

  /**
   * Returns the uid of the folder for a file's dashboard; empty for the root. Rejects with Refusal if the folder cannot
   * be created, or with StoreError.
   */
  async uidOf({ folders }: DashboardFile): Promise<string> {
    const key = this.#provider.usesFolders ? folders.join("/") : "";
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const uid = await this.#find(folders);
    this.#known.set(key, uid);
    return uid;
  }

  async #find(folders: readonly string[]): Promise<string> {
    const { usesFolders, folder, folderUid } = this.#provider;
    if (usesFolders) {
      let parentUid = "";
      for (const title of folders) parentUid = await this.#titled(title, parentUid);
      return parentUid;
    }
    if (folderUid === "") return folder === "" || folder.toLowerCase() === "general" ? "" : this.#titled(folder, "");
    return this.#provide(folderUid, folder || folderUid, "");
  }

  async #titled(given: string, parentUid: string): Promise<string> {
    // The title is trimmed, because titles are stored without spaces at their ends. Otherwise the folder would not be
    // found again.
    return this.#provide("", given.trim(), parentUid);
  }

  async #provide(uid: string, title: string, parentUid: string): Promise<string> {
    const isForAdmins = this.#provider.adminsOnly;
    return (await this.#store.provide({ uid, title, parentUid, isForAdmins, user: this.#user })).uid;
  }
}
