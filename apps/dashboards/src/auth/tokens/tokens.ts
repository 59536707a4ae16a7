import type { ConditionalStore } from "@narthex/store";
import type { Clock } from "@narthex/runtime";
import { DocumentIndex } from "../../state/document-index.ts";
import { Documents, type Plan } from "../../state/documents.ts";
import { MEMORY_LIMITS } from "../../state/memory-limit.ts";
import { unlessRefused } from "../../state/unless-refused.ts";
import { namedRefusal, refusal } from "../../web/refusal.ts";
import { isSameRestriction, restrictionOf, type TokenRestriction } from "./token-restriction.ts";
import { apiKeyParts, GrafanaDigests, newToken, tokenDigest } from "./token-text.ts";

/** A token of a service account. Only its digest is stored. */
export interface Token extends TokenRestriction {
  readonly id: number;
  readonly accountId: number;
  readonly name: string;
  readonly digest: string;
  /**
   * How the digest was computed; absent for `tokenDigest`. Tokens that were imported from Grafana have Grafana's
   * digest.
   */
  readonly algorithm?: "grafana";
  /** Unix ms. */
  readonly created: number;
  /** Time from which the token is refused, Unix ms; 0 if it does not expire. */
  readonly expires: number;
  /**
   * Time of the last request with the token, Unix ms, with an error of up to LAST_USED_STEP_MS; 0 if it was never used.
   */
  readonly lastUsed: number;
}

/** Minimum time in ms between two writes of the time of the last use. */
const LAST_USED_STEP_MS = 5 * 60_000;
/** Maximum number of tokens of a service account, maximum length of a name, and maximum lifetime in seconds. */
const [MAX_OF_ACCOUNT, MAX_NAME, MAX_SECONDS] = [1000, 189, 100 * 366 * 86_400];

export class Tokens {
  readonly #documents: Documents<Token>;
  readonly #clock: Clock;
  readonly #byDigest: DocumentIndex<Token, string>;
  readonly #ofAccount: DocumentIndex<Token, number>;
  /** Tokens with Grafana's digest by their names. */
  readonly #grafanaNames: DocumentIndex<Token, string>;
  readonly #grafanaDigests = new GrafanaDigests();

  private constructor(documents: Documents<Token>, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
    this.#byDigest = new DocumentIndex(documents, ({ digest }) => [digest]);
    this.#ofAccount = new DocumentIndex(documents, ({ accountId }) => [accountId]);
    this.#grafanaNames = new DocumentIndex(documents, ({ name, algorithm }) => (algorithm === "grafana" ? [name] : []));
  }

  static async open(store: ConditionalStore, clock: Clock): Promise<Tokens> {
    return new Tokens(
      await Documents.open<Token>(store, "tokens", { oneAtATime: true, memory: MEMORY_LIMITS.tokens }),
      clock,
    );
  }

  ofAccount(accountId: number): readonly Token[] {
    return this.#ofAccount.of(accountId);
  }

  /**
   * Creates a random token and stores its digest. Returns both; the token's text cannot be read later. Rejects with a
   * refusal or StoreError.
   * @param seconds lifetime; 0 for a token that does not expire
   */
  async add(
    accountId: number,
    name: string,
    seconds: number,
    restriction: TokenRestriction = {},
  ): Promise<{ readonly token: Token; readonly text: string }> {
    if (seconds < 0 || seconds > MAX_SECONDS)
      throw refusal(400, `secondsToLive must be between 0, for no limit, and ${MAX_SECONDS}`);
    const text = newToken();
    const now = this.#clock.now();
    const expires = seconds === 0 ? 0 : now + Math.round(seconds * 1000);
    return {
      token: await this.#add({
        accountId,
        name,
        digest: tokenDigest(text),
        created: now,
        expires,
        lastUsed: 0,
        ...restriction,
      }),
      text,
    };
  }

  /**
   * Stores a given token or digest for an account. Replaces the token with the same name if the digest differs;
   * otherwise only changes its restriction. Rejects with a refusal or StoreError.
   */
  provide(
    accountId: number,
    name: string,
    given: Pick<Token, "digest" | "algorithm" | "expires"> & TokenRestriction,
  ): Promise<Token> {
    const draft = draftOf({ accountId, name, ...given, created: this.#clock.now(), lastUsed: 0 });
    return this.#documents.change((): Plan<Token, Token> => {
      const before = this.ofAccount(accountId).find((token) => token.name === draft.name);
      if (before?.digest === draft.digest) {
        if (isSameRestriction(before, draft)) return { result: before };
        const { scopes: _scopes, matchers: _matchers, ...kept } = before;
        const result: Token = { ...kept, ...restrictionOf(draft) };
        return { put: new Map([[String(before.id), result]]), result };
      }
      return this.#planned(draft, before);
    });
  }

  /**
   * Stores a token of Grafana for an account. Does nothing if the account already has the token. Rejects with a refusal
   * if the account has another token with this name, or with StoreError.
   */
  async adopt(accountId: number, given: Omit<Token, "id" | "accountId" | "algorithm">): Promise<void> {
    if (this.#byDigest.first(given.digest)?.accountId === accountId) return;
    await this.#add({ ...given, accountId, algorithm: "grafana" });
  }

  #add(given: Omit<Token, "id">): Promise<Token> {
    const draft = draftOf(given);
    return this.#documents.change(() => {
      if (this.ofAccount(draft.accountId).some((token) => token.name === draft.name)) {
        throw namedRefusal(
          400,
          "serviceaccounts.ErrTokenAlreadyExists",
          "service account token with given name already exists in the organization",
        );
      }
      return this.#planned(draft, undefined);
    });
  }

  /** Prepares the write of a new token, and the removal of the token that it replaces. Throws Refusal. */
  #planned(draft: Omit<Token, "id">, replaced: Token | undefined): Plan<Token, Token> {
    const count = this.ofAccount(draft.accountId).length - (replaced === undefined ? 0 : 1);
    if (count >= MAX_OF_ACCOUNT) throw refusal(400, `a service account can have at most ${MAX_OF_ACCOUNT} tokens`);
    if (this.#byDigest.first(draft.digest) !== undefined)
      throw refusal(400, `the token ${JSON.stringify(draft.name)} has the same text as another token`);
    const result: Token = { id: this.#documents.nextId(), ...draft };
    const removed = replaced === undefined ? [] : [String(replaced.id)];
    return { put: new Map([[String(result.id), result]]), removed, result };
  }

  /** Returns the token with this text, even if it has expired. */
  async find(text: string): Promise<Token | undefined> {
    const digest = tokenDigest(text);
    const found = this.#byDigest.first(digest) ?? (await this.#findOfGrafana(text, digest));
    if (found === undefined || this.isExpired(found)) return found;
    await this.#noteUse(found);
    return found;
  }

  /**
   * Finds an imported token, and replaces its digest by the faster one. If the store refuses the write, the token keeps
   * its digest. Returns undefined if too many digests are being computed.
   */
  async #findOfGrafana(text: string, digest: string): Promise<Token | undefined> {
    // A digest is computed only for the name of an unused API key. An API key contains its name, so a sender must know
    // it to cause this work.
    const apiKey = apiKeyParts(text);
    const names = this.#grafanaNames;
    const isWanted = apiKey === undefined ? names.size > 0 : names.first(apiKey.name.trim()) !== undefined;
    const earlier = isWanted ? await this.#grafanaDigests.of(text) : undefined;
    const found = earlier === undefined ? undefined : this.#byDigest.first(earlier);
    if (found === undefined) return undefined;
    const replaced = await unlessRefused(() =>
      this.#documents.update(String(found.id), (before) => {
        if (before === undefined) return undefined;
        const { algorithm: _algorithm, ...token } = before;
        return { ...token, digest };
      }),
    );
    return replaced ?? this.#documents.get(String(found.id));
  }

  isExpired({ expires }: Token): boolean {
    return expires > 0 && expires <= this.#clock.now();
  }

  /**
   * Stores the time at which a token was used. If the store refuses the write, for example on a full disk, the token is
   * still accepted.
   */
  async #noteUse({ id, lastUsed }: Token): Promise<void> {
    const now = this.#clock.now();
    if (now - lastUsed < LAST_USED_STEP_MS) return;
    await unlessRefused(() => this.#documents.update(String(id), (before) => before && { ...before, lastUsed: now }));
  }

  /** Removes a token of a service account. Returns false if there is no such token. Rejects with StoreError. */
  remove(accountId: number, id: number): Promise<boolean> {
    return this.#documents.change(() => {
      const isThere = this.#documents.get(String(id))?.accountId === accountId;
      return { removed: isThere ? [String(id)] : [], result: isThere };
    });
  }

  async removeOfAccount(accountId: number): Promise<void> {
    await this.#documents.change(() => ({
      removed: this.ofAccount(accountId).map(({ id }) => String(id)),
      result: undefined,
    }));
  }
}

/** Returns the token with a trimmed name. Throws Refusal if the name is empty or too long. */
function draftOf(given: Omit<Token, "id">): Omit<Token, "id"> {
  const name = given.name.trim();
  if (name === "") throw refusal(400, "a token must have a name");
  if (name.length > MAX_NAME) throw refusal(400, `a token's name can have at most ${MAX_NAME} characters`);
  return { ...given, name };
}
