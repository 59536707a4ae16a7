import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import type { ProviderFetch } from "./provider-fetch.ts";

/**
 * The signature algorithms that are accepted. Symmetric ones are not, because their key would be a text that a client
 * may know.
 */
export const SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Difference in s between the clocks of this machine and of the issuer that is accepted. */
export const CLOCK_TOLERANCE = 60;

/** Returns the keys at an address, which are fetched when a signature needs them, and kept for `cacheMs`. */
export const keysAt = (url: string, { fetch }: ProviderFetch, cacheMs = 600_000): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), {
    cacheMaxAge: cacheMs,
    [customFetch]: (address, options) =>
      fetch(address, { ...options, body: undefined, headers: Object.fromEntries(options.headers) }),
  });
