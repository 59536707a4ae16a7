import type { ConditionalStore } from "@narthex/store";
import { Documents } from "../state/documents.ts";

/** The dashboards that users have starred, stored as lists of uids by the user's id. */
export class StarStore {
  readonly #documents: Documents<readonly string[]>;

  private constructor(documents: Documents<readonly string[]>) {
    this.#documents = documents;
  }

  static async open(store: ConditionalStore): Promise<StarStore> {
    return new StarStore(await Documents.open<readonly string[]>(store, "stars"));
  }

  /** Number of stars of all users together. */
  get size(): number {
    return this.#documents.values().reduce((count, { length }) => count + length, 0);
  }

  ofUser(userId: number): ReadonlySet<string> {
    return new Set(this.#documents.get(String(userId)));
  }

  async set(userId: number, uid: string, isStarred: boolean): Promise<void> {
    await this.#documents.update(String(userId), (before = []) => {
      if (before.includes(uid) === isStarred) return before;
      const others = before.filter((other) => other !== uid);
      return isStarred ? [...others, uid] : others;
    });
  }
}
