import { randomBytes } from "node:crypto";
import type { Principal, Scope } from "@narthex/http";
import { scopesOfRole } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { tokenDigest } from "../auth/tokens/token-text.ts";

/** Name of the cookie that contains the key of a rendering. */
export const RENDER_COOKIE = "narthex_render";

/** The account and dashboard of a rendering. */
export interface RenderGrant {
  readonly principal: Principal;
  readonly dashboardUid: string;
}

/** Scopes of a rendering: it cannot change anything. */
const SCOPES: ReadonlySet<Scope> = new Set<Scope>(["read", "query"]);

/**
 * The keys with which the browser of a rendering identifies itself. A key is valid for one rendering, only in this
 * process, and is removed at its end. Only digests of keys are kept.
 */
export class RenderKeys {
  readonly #clock: Clock;
  readonly #grants = new Map<string, RenderGrant & { readonly expires: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a key, calls `use` with the key, and then removes the key. */
  async withKey<T>(grant: RenderGrant, lifetimeMs: number, use: (key: string) => Promise<T>): Promise<T> {
    const key = randomBytes(32).toString("base64url");
    const digest = tokenDigest(key);
    const expires = this.#clock.now() + lifetimeMs;
    this.#grants.set(digest, { principal: reading(grant.principal), dashboardUid: grant.dashboardUid, expires });
    try {
      return await use(key);
    } finally {
      this.#grants.delete(digest);
    }
  }

  /** Returns the account and dashboard of a key; undefined if the key is unknown or expired. */
  find(key: string): RenderGrant | undefined {
    const grant = this.#grants.get(tokenDigest(key));
    return grant !== undefined && grant.expires > this.#clock.now() ? grant : undefined;
  }
}

/** Returns the principal with the rights to read and to query, but without the rights to change anything. */
function reading(principal: Principal): Principal {
  const { identity } = principal;
  if (identity === undefined) return principal;
  const scopes = (identity.scopes ?? scopesOfRole(identity.role)).intersection(SCOPES);
  return { ...principal, identity: { ...identity, isServerAdmin: false, scopes } };
}
