import type { Store } from "@narthex/store";
import { Documents } from "../state/documents.ts";

/** Which dashboards users have starred: lists of uids by the user's id. */
export class StarStore {
  readonly #documents: Documents<readonly string[]>;

  private constructor(documents: Documents<readonly string[]>) {
    this.#documents = documents;
  }

  /** Rejects with StoreError. */
  static async open(store: Store): Promise<StarStore> {
    return new StarStore(await Documents.open<readonly string[]>(store.collection("stars")));
  }

  /** Stars of all users. */
  get size(): number {
    return this.#documents.values().reduce((count, { length }) => count + length, 0);
  }

  ofUser(userId: number): ReadonlySet<string> {
    return new Set(this.#documents.get(String(userId)));
  }

  /** Rejects with StoreError. */
  async set(userId: number, uid: string, isStarred: boolean): Promise<void> {
    const others = (this.#documents.get(String(userId)) ?? []).filter((other) => other !== uid);
    await this.#documents.put(String(userId), isStarred ? [...others, uid] : others);
  }
}
