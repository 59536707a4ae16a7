import type { FolderStore } from "../folders/folder-store.ts";
import type { DashboardFile } from "./dashboard-files.ts";
import type { Provider } from "./provider-files.ts";

/** The folders that a provider's dashboards lie in, made where they are missing. For one scan. */
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

  /** The uid of a file's folder; "" for the root. Rejects with a refusal where it cannot be made, or StoreError. */
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
    // Titles are kept without the blanks at their ends: the folder would not be found by them.
    return this.#provide("", given.trim(), parentUid);
  }

  async #provide(uid: string, title: string, parentUid: string): Promise<string> {
    const isForAdmins = this.#provider.adminsOnly;
    return (await this.#store.provide({ uid, title, parentUid, isForAdmins, user: this.#user })).uid;
  }
}
