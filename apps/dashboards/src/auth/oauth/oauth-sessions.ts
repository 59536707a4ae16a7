import type { Clock, Logger } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import type { SecretBox } from "../../secrets/secret-box.ts";
import { Documents } from "../../state/documents.ts";
import { SparseSearch } from "../../state/sparse-search.ts";
import { SignInError } from "../external/external-account.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { Session, Sessions } from "../sessions/sessions.ts";
import type { OAuthProvider, OAuthTokens } from "./oauth-provider.ts";

/** The provider's tokens for a session that began with a sign-in at an OAuth provider. */
interface SessionTokens {
  /** Key of the provider: `github`. */
  readonly provider: string;
  /** Tokens in JSON, sealed. */
  readonly sealed: string;
  /** Time of the next refresh at the provider, Unix ms; 0 for no refresh. */
  readonly refreshAt: number;
  /** Time at which the session began, Unix ms. */
  readonly begunAt: number;
}

/** Delay in ms before the next request if the provider cannot be reached. */
const RETRY_MS = 60_000;
/**
 * Time in ms after which every instance knows a new session. Tokens of a session that is unknown after this time are
 * removed.
 */
const KNOWN_MS = 3_600_000;

interface OAuthSessionsParts {
  readonly store: ConditionalStore;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly providers: readonly OAuthProvider[];
  readonly signIn: ExternalSignIn;
  readonly sessions: Pick<Sessions, "end" | "has" | "lifetimeMs">;
}

/** Stores the tokens of sessions that began at a provider, and refreshes them when they have expired. */
export class OAuthSessions {
  readonly #documents: Documents<SessionTokens>;
  readonly #parts: OAuthSessionsParts;
  readonly #running = new Map<number, Promise<boolean>>();
  readonly #ended: SparseSearch;

  private constructor(documents: Documents<SessionTokens>, parts: OAuthSessionsParts) {
    this.#documents = documents;
    this.#parts = parts;
    this.#ended = new SparseSearch(parts.clock);
  }

  /** Rejects with StoreError. */
  static async open(parts: OAuthSessionsParts): Promise<OAuthSessions> {
    const { store, clock } = parts;
    const options = { dropExpiredAt: clock.now() };
    const sessions = new OAuthSessions(await Documents.open<SessionTokens>(store, "oauth_sessions", options), parts);
    await sessions.#sealAgain();
    return sessions;
  }

  /** Encrypts all tokens again with the current key, so that the operator can remove earlier keys. */
  async #sealAgain(): Promise<void> {
    const { box, sessions } = this.#parts;
    for (const [key, { sealed, begunAt }] of this.#documents.entries()) {
      const owner = ownerOf(Number(key));
      const text = box.isCurrent(sealed, owner) ? undefined : box.open(sealed, owner);
      if (text === undefined) continue;
      const resealed = box.seal(text, owner);
      const expiresAt = begunAt + sessions.lifetimeMs;
      await this.#documents.update(key, (before) => before && { ...before, sealed: resealed }, expiresAt);
    }
  }

  /**
   * Stores the tokens of a new session, and removes the tokens of ended sessions. If the store fails, ends the new
   * session, because it could not be checked with the provider, and rejects with StoreError.
   */
  async begin(session: Session, provider: OAuthProvider, tokens: OAuthTokens): Promise<void> {
    try {
      await this.#keep(session, provider, tokens);
    } catch (error) {
      await this.#parts.sessions.end(session).catch(() => undefined);
      throw error;
    }
  }

  async #keep(session: Session, provider: OAuthProvider, tokens: OAuthTokens): Promise<void> {
    const { clock, sessions } = this.#parts;
    const put = new Map([[String(session.id), this.#sealed(session, provider, tokens)]]);
    const ended = this.#ended.find(
      this.#documents.entries(),
      ([key, { begunAt }]) => begunAt < clock.now() - KNOWN_MS && !sessions.has(Number(key)),
    );
    await this.#documents.change(() => ({
      put,
      removed: ended.map(([key]) => key),
      expiresAt: session.createdAt + sessions.lifetimeMs,
      result: undefined,
    }));
  }

  #sealed({ id, createdAt }: Session, provider: OAuthProvider, tokens: OAuthTokens): SessionTokens {
    const isRefreshed = provider.settings.use_refresh_token && tokens.refreshToken !== "";
    return {
      provider: provider.key,
      sealed: this.#parts.box.seal(JSON.stringify(tokens), ownerOf(id)),
      refreshAt: isRefreshed ? tokens.expiresAt : 0,
      begunAt: createdAt,
    };
  }

  /** Returns the ID token of a session, which the sign-out at its provider needs. */
  idTokenOf({ id }: Session): { readonly provider: OAuthProvider; readonly idToken: string } | undefined {
    const stored = this.#documents.get(String(id));
    const provider = this.#parts.providers.find(({ key }) => key === stored?.provider);
    if (stored === undefined || provider === undefined) return undefined;
    return { provider, idToken: this.#tokensOf(id, stored)?.idToken ?? "" };
  }

  #tokensOf(id: number, { sealed }: SessionTokens): OAuthTokens | undefined {
    const text = this.#parts.box.open(sealed, ownerOf(id));
    return text === undefined ? undefined : (JSON.parse(text) as OAuthTokens);
  }

  /**
   * Refreshes the tokens of a session if they have expired. Ends the session and returns false if the provider or the
   * settings no longer allow the account. Returns true if the provider cannot be reached. Rejects with StoreError.
   */
  async isAllowed(session: Session): Promise<boolean> {
    // A running refresh of the session, which several requests of one page share.
    const running = this.#running.get(session.id);
    if (running !== undefined) return running;
    const stored = this.#documents.get(String(session.id));
    if (stored === undefined || stored.refreshAt === 0 || this.#parts.clock.now() < stored.refreshAt) return true;
    const refreshed = this.#refresh(session).finally(() => this.#running.delete(session.id));
    this.#running.set(session.id, refreshed);
    return refreshed;
  }

  async #refresh(session: Session): Promise<boolean> {
    const { clock, logger, providers, signIn, sessions } = this.#parts;
    const key = String(session.id);
    const now = clock.now();
    // Stores a later refresh time first, so that other instances leave the refresh to this one. Most refresh tokens can
    // be used only once.
    let taken: SessionTokens | undefined;
    await this.#documents.update(
      key,
      (before) => {
        taken = before !== undefined && before.refreshAt !== 0 && before.refreshAt <= now ? before : undefined;
        return taken === undefined ? before : { ...taken, refreshAt: now + RETRY_MS };
      },
      session.createdAt + sessions.lifetimeMs,
    );
    if (taken === undefined) return true;
    const provider = providers.find((one) => one.key === taken!.provider);
    const tokens = this.#tokensOf(session.id, taken);
    // Ends the session if the provider was removed from the settings, or if the key of stored secrets was lost.
    if (provider === undefined || tokens === undefined) return this.#end(session);
    let next: OAuthTokens | undefined;
    try {
      const grant = await provider.refresh(tokens.refreshToken);
      next = grant.tokens.idToken === "" ? { ...grant.tokens, idToken: tokens.idToken } : grant.tokens;
      const user = await signIn.userOf(await grant.account(), false);
      if (user.id !== session.userId) return await this.#end(session);
      await this.#keep(session, provider, next);
      return true;
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      if (error.problem !== "provider-unavailable") return this.#end(session);
      // Stores new tokens even if the account could not be read, because the old refresh token may be used up.
      if (next !== undefined) await this.#keep(session, provider, { ...next, expiresAt: now + RETRY_MS });
      logger.warn("The provider of a session cannot be reached: the session goes on, and the provider is asked again", {
        provider: provider.key,
        err: error.cause,
      });
      return true;
    }
  }

  /**
   * Ends a session, then removes its tokens. In the other order, a session without tokens could remain, which cannot be
   * checked with its provider.
   */
  async #end(session: Session): Promise<false> {
    await this.#parts.sessions.end(session);
    await this.forget(session);
    return false;
  }

  /** Removes the tokens of a session that has ended. Rejects with StoreError. */
  async forget({ id }: Session): Promise<void> {
    if (this.#documents.get(String(id)) !== undefined) await this.#documents.remove(String(id));
  }
}

const ownerOf = (sessionId: number): string => `oauth session ${sessionId}`;
