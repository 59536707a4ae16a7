import type { Context } from "../../context.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { User } from "../users/users.ts";

/** Sign-in with user names and passwords of LDAP directories. */
export interface Ldap {
  /**
   * Returns the user if a directory accepts the name and password; undefined if no directory does. Rejects with
   * SignInError if the user may not sign in, or no directory can be reached.
   */
  signIn(name: string, password: string): Promise<User | undefined>;
}

/**
 * Opens the directories that the settings name. Resolves with undefined if LDAP is disabled. Rejects with
 * SettingsError.
 */
export async function openLdap(context: Context, signIn: ExternalSignIn): Promise<Ldap | undefined> {
  if (!context.settings["auth.ldap.enabled"]) return undefined;
  // Loads the libraries for LDAP only if LDAP is enabled, because loading takes time and memory.
  const { openDirectories } = await import("./directories.ts");
  return openDirectories(context, signIn);
}
