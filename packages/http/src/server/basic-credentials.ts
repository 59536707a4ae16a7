/** User name with which a client may send a token by Basic authentication. */
export const TOKEN_USER = "api_key";

/** Returns the name and password in credentials of Basic authentication. Returns undefined if they are malformed. */
export function basicCredentials(encoded: string): readonly [name: string, password: string] | undefined {
  const text = Buffer.from(encoded.trim(), "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
