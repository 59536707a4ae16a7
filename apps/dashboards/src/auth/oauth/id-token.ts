import { createRemoteJWKSet, customFetch, decodeJwt, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose";
import type { Claims } from "../external/claims.ts";
import { SignInError } from "../external/external-account.ts";
import type { ProviderFetch } from "./provider-fetch.ts";

/**
 * The signature algorithms that are accepted. Symmetric ones are not, because their key would be a text that a client
 * may know.
 */
const SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Difference in s between the clocks of this machine and of the provider that is accepted. */
const CLOCK_TOLERANCE = 60;

/** Returns the keys at an address, which are fetched when a signature needs them. */
export const keysAt = (url: string, { fetch }: ProviderFetch): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), {
    [customFetch]: (address, options) =>
      fetch(address, { ...options, body: undefined, headers: Object.fromEntries(options.headers) }),
  });

interface Expected {
  /** Keys of the provider; undefined if the settings name none. */
  readonly keys: JWTVerifyGetKey | undefined;
  readonly clientId: string;
  /** The nonce of the sign-in; undefined at a refresh. */
  readonly nonce: string | undefined;
  readonly now: number;
}

/**
 * Returns the claims of an ID token of a provider whose issuer is not known. The token comes from the provider itself,
 * so its signature is checked only if the provider's keys are known. Rejects with SignInError if the token is for
 * another client or another sign-in, or has expired.
 */
export async function idTokenClaims(token: string, { keys, clientId, nonce, now }: Expected): Promise<Claims> {
  let claims: JWTPayload;
  try {
    claims =
      keys === undefined
        ? decodeJwt(token)
        : (
            await jwtVerify(token, keys, {
              algorithms: SIGNATURES,
              clockTolerance: CLOCK_TOLERANCE,
              currentDate: new Date(now),
            })
          ).payload;
  } catch (cause) {
    throw new SignInError("provider-refused", { cause });
  }
  const isForUs = [claims.aud ?? []].flat().includes(clientId);
  const isOver = claims.exp !== undefined && claims.exp * 1000 < now - CLOCK_TOLERANCE * 1000;
  const isOfSignIn = nonce === undefined || claims["nonce"] === undefined || claims["nonce"] === nonce;
  if (!isForUs || isOver || !isOfSignIn) throw new SignInError("provider-refused");
  return claims;
}

/** Returns the claims of an access token without a check. Returns an empty object if it is not a JWT. */
export function accessTokenClaims(token: string): Claims {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}
