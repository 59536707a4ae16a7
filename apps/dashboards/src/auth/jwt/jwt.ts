import type { Authenticator } from "../authenticators/authenticator.ts";
import type { JwtParts } from "./jwt-authenticator.ts";

/** Sign-in with JWTs that another system has signed. */
export interface Jwt {
  readonly authenticator: Authenticator;
  close(): Promise<void>;
}

/** Opens the keys that verify JWTs. Resolves with undefined if JWTs are disabled. Rejects with SettingsError. */
export async function openJwt(parts: Omit<JwtParts, "keys">): Promise<Jwt | undefined> {
  const { settings } = parts;
  if (!settings["auth.jwt.enabled"]) return undefined;
  // Loads the libraries for JWTs only if JWTs are enabled, because loading takes time and memory.
  const [{ openJwtKeys }, { JwtAuthenticator }] = await Promise.all([
    import("./jwt-keys.ts"),
    import("./jwt-authenticator.ts"),
  ]);
  const { keys, close } = openJwtKeys(settings);
  return { authenticator: new JwtAuthenticator({ ...parts, keys }), close };
}
