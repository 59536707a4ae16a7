import { decodeJwt, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose";
import type { Claims } from "../external/claims.ts";
import { SignInError } from "../external/external-account.ts";
import { CLOCK_TOLERANCE, SIGNATURES } from "../external/remote-keys.ts";

interface Expected {
  /** Public keys of the provider; undefined if the settings name none. */
  readonly keys: JWTVerifyGetKey | undefined;
  readonly clientId: string;
  /** The nonce of the sign-in; undefined when tokens are refreshed. */
  readonly nonce: string | undefined;
  readonly now: number;
}

/**
 * Returns the claims of an ID token if the issuer is not known. The token was received directly from the provider, so
 * its signature is checked only if the provider's keys are known. Rejects with SignInError if the token is for another
 * client or another sign-in, or has expired.
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
    throw new SignInError(isAboutToken(cause) ? "provider-refused" : "provider-unavailable", { cause });
  }
  const isForUs = [claims.aud ?? []].flat().includes(clientId);
  const isOver = claims.exp !== undefined && claims.exp * 1000 <= now - CLOCK_TOLERANCE * 1000;
  const isOfSignIn = nonce === undefined || claims["nonce"] === undefined || claims["nonce"] === nonce;
  if (!isForUs || isOver || !isOfSignIn) throw new SignInError("provider-refused");
  return claims;
}

/** Error codes which mean that the provider's keys could not be read. */
const WITHOUT_KEYS: ReadonlySet<string> = new Set([
  errors.JOSEError.code,
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
]);

/**
 * Reports whether an error is caused by the token. Otherwise the provider's keys could not be read, and may be readable
 * later.
 */
const isAboutToken = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof errors.JOSEError && !WITHOUT_KEYS.has(error.code));

/** Returns the claims of an access token without verifying them. Returns an empty object if the token is not a JWT. */
export function accessTokenClaims(token: string): Claims {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}
