import { isScope, type Scope, SCOPES } from "@narthex/http";
import { refusal } from "../../web/refusal.ts";
import { checkedSelector } from "../read-limit.ts";

/** Limits of a token, which may have fewer rights than its account. */
export interface TokenRestriction {
  /** The scopes of the token; absent if the token has the scopes of the account's role. */
  readonly scopes?: readonly Scope[];
  /** Selector of the series that the token may read, such as `{team="a"}`; absent for all series. */
  readonly matchers?: string;
}

/**
 * Returns the restriction that a request or a file sets for a token. Absent texts restrict nothing. Throws Refusal if a
 * scope is unknown or the matchers are invalid.
 */
export function checkedRestriction(
  scopes: readonly string[] | undefined,
  matchers: string | undefined,
): TokenRestriction {
  return {
    ...(scopes !== undefined && { scopes: checkedScopes(scopes) }),
    ...(matchers !== undefined && { matchers: checkedSelector(matchers) }),
  };
}

function checkedScopes(given: readonly string[]): readonly Scope[] {
  const unknown = given.find((one) => !isScope(one));
  if (unknown !== undefined)
    throw refusal(400, `${JSON.stringify(unknown.slice(0, 100))} is not a scope: write ${SCOPES.join(", ")}`);
  if (given.length === 0)
    throw refusal(400, `a token without scopes could do nothing: name at least one of ${SCOPES.join(", ")}`);
  return SCOPES.filter((scope) => given.includes(scope));
}

export const restrictionOf = ({ scopes, matchers }: TokenRestriction): TokenRestriction => ({
  ...(scopes !== undefined && { scopes }),
  ...(matchers !== undefined && { matchers }),
});

export const isSameRestriction = (a: TokenRestriction, b: TokenRestriction): boolean =>
  a.scopes?.join() === b.scopes?.join() && a.matchers === b.matchers;
