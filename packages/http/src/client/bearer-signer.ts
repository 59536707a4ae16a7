import type { Signer } from "./sigv4.ts";

/**
 * Adds a bearer token to requests. The source is called for each request and caches the token as long as it is valid.
 */
export const bearerSigner =
  (token: () => Promise<string>): Signer =>
  async ({ headers }) => ({ ...headers, Authorization: `Bearer ${await token()}` });
