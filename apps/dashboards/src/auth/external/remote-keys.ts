import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import type { ProviderFetch } from "./provider-fetch.ts";

/**
 * The accepted signature algorithms. Symmetric algorithms are missing, because a client may know the text that is their
 * key.
 */
export const SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Accepted difference between the clocks of this machine and of the token's issuer, seconds. */
export const CLOCK_TOLERANCE = 60;

/** Returns the public keys at a URL. Keys are fetched when a signature needs them, and cached for `cacheMs`. */
export const keysAt = (url: string, { fetch }: ProviderFetch, cacheMs = 600_000): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), {
    cacheMaxAge: cacheMs,
    [customFetch]: (address, options) =>
      fetch(address, { ...options, body: undefined, headers: Object.fromEntries(options.headers) }),
  });
