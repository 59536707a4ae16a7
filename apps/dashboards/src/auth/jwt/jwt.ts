import type { Authenticator } from "../authenticators/authenticator.ts";
import type { JwtParts } from "./jwt-authenticator.ts";

/** The sign-in with JWTs of another system. */
export interface Jwt {
  readonly authenticator: Authenticator;
  close(): Promise<void>;
}

/** Opens the keys of JWTs. Resolves with undefined if JWTs are disabled. Rejects with SettingsError. */
export async function openJwt(parts: Omit<JwtParts, "keys">): Promise<Jwt | undefined> {
  const { settings } = parts;
  if (!settings["auth.jwt.enabled"]) return undefined;
  // The libraries for JWTs need time and memory, so only servers that accept JWTs load them.
  const [{ openJwtKeys }, { JwtAuthenticator }] = await Promise.all([
    import("./jwt-keys.ts"),
    import("./jwt-authenticator.ts"),
  ]);
  const { keys, close } = openJwtKeys(settings);
  return { authenticator: new JwtAuthenticator({ ...parts, keys }), close };
}
