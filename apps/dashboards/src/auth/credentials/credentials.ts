import type { ConditionalStore } from "@narthex/store";
import { DocumentIndex } from "../../state/document-index.ts";
import { Documents, type Guard } from "../../state/documents.ts";
import { type Algorithm, BEST_ALGORITHM, type PasswordHash } from "../passwords/passwords.ts";
import {
  type Credential,
  type ExternalCredential,
  externalKey,
  keyOf,
  passwordKey,
  type Provider,
  PROVIDER_LABELS,
} from "./credential.ts";

const COLLECTION = "credentials";

/** The credentials of all users. */
export class Credentials {
  readonly #documents: Documents<Credential>;
  readonly #ofUser: DocumentIndex<Credential, number>;
  /** Hash algorithms of the stored passwords; undefined if passwords have changed since they were last computed. */
  #algorithms: ReadonlySet<Algorithm> | undefined;

  private constructor(documents: Documents<Credential>) {
    this.#documents = documents;
    this.#ofUser = new DocumentIndex(documents, ({ userId }) => [userId]);
    documents.onChange(() => (this.#algorithms = undefined));
  }

  /** Reads the credentials. Rejects with StoreError. */
  static async open(store: ConditionalStore): Promise<Credentials> {
    return new Credentials(await Documents.open<Credential>(store, COLLECTION));
  }

  /** Returns the hash of a user's password. Returns undefined if the user has no password. */
  passwordOf(userId: number): PasswordHash | undefined {
    const credential = this.#documents.get(passwordKey(userId));
    return credential?.kind === "password" ? credential.hash : undefined;
  }

  /** Returns the hash algorithms of all stored passwords, and the algorithm of new ones. */
  get algorithms(): ReadonlySet<Algorithm> {
    this.#algorithms ??= new Set([
      BEST_ALGORITHM,
      ...this.#documents.values().flatMap((one) => (one.kind === "password" ? [one.hash.algorithm] : [])),
    ]);
    return this.#algorithms;
  }

  /** Returns the accounts of other systems that are linked to a user. */
  externalOf(userId: number): readonly ExternalCredential[] {
    return this.#ofUser.of(userId).filter((credential) => credential.kind === "external");
  }

  /** Returns the labels of the other systems with whose accounts a user has signed in. */
  labelsOf(userId: number): readonly string[] {
    return [...new Set(this.externalOf(userId).map(({ provider }) => PROVIDER_LABELS[provider]))].toSorted();
  }

  /** Returns the id of the user to whom an account of another system belongs. */
  userOf(provider: Provider, subject: string): number | undefined {
    return this.#documents.get(externalKey(provider, subject))?.userId;
  }

  /**
   * Sets the password of a user. Rejects with StoreError.
   * @param replaced the password is set only if this is its current hash; undefined to set it in any case
   */
  async setPassword(userId: number, hash: PasswordHash, replaced?: PasswordHash): Promise<void> {
    await this.#documents.update(passwordKey(userId), (before) => {
      if (replaced !== undefined && (before?.kind !== "password" || before.hash.hash !== replaced.hash)) return before;
      return { kind: "password", userId, hash };
    });
  }

  /**
   * Links an account of another system to a user. Returns the id of the linked user, which differs if a concurrent
   * request or instance has linked the account first. Rejects with StoreError.
   * @param isGone whether a user no longer exists; an account of such a user can be linked to another user
   */
  async bind(credential: Omit<ExternalCredential, "kind">, isGone: (userId: number) => boolean): Promise<number> {
    const made: Credential = { kind: "external", ...credential };
    const stored = await this.#documents.update(keyOf(made), (before) =>
      before === undefined || isGone(before.userId) ? made : before,
    );
    return stored!.userId;
  }

  /** Removes the link between a user and an account of another system. Rejects with StoreError. */
  async unbind(credential: ExternalCredential): Promise<void> {
    await this.#documents.remove(keyOf(credential));
  }

  /** Removes all credentials of a user. Rejects with StoreError. */
  async removeOf(userId: number): Promise<void> {
    await this.#documents.change(() => ({
      removed: this.#ofUser.of(userId).map(keyOf),
      result: undefined,
    }));
  }

  /** Returns the write that adds a credential. The caller makes it in one step with a change of another collection. */
  adding(credential: Credential): Guard {
    const key = keyOf(credential);
    const before = this.#documents.guard(key)?.write.before ?? null;
    const entry = { value: JSON.stringify(credential), expiresAt: Number.MAX_SAFE_INTEGER };
    return { write: { collection: COLLECTION, key, before, entry }, readAgain: () => this.readAgain(credential) };
  }

  /**
   * Reads a credential that was written together with a change of another collection, on this or another instance.
   * Rejects with StoreError.
   */
  async readAgain(credential: Credential): Promise<void> {
    await this.#documents.readAgain([keyOf(credential)]);
  }
}
