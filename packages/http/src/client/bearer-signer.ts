import type { Signer } from "./sigv4.ts";

/**
 * Returns a signer that adds a bearer token to requests. `token` is called for each request and must cache the token.
 */
export const bearerSigner =
  (token: () => Promise<string>): Signer =>
  async ({ headers }) => ({ ...headers, Authorization: `Bearer ${await token()}` });
