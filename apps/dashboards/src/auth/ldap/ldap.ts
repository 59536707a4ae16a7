import type { Context } from "../../context.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { User } from "../users/users.ts";

/** The sign-in with the names and passwords of LDAP directories. */
export interface Ldap {
  /**
   * Returns the user with this name and password in a directory. Returns undefined if no directory has them. Rejects
   * with SignInError if the user may not sign in, or no directory can be reached.
   */
  signIn(name: string, password: string): Promise<User | undefined>;
}

/** Opens the directories in the settings. Resolves with undefined if LDAP is disabled. Rejects with SettingsError. */
export async function openLdap(context: Context, signIn: ExternalSignIn): Promise<Ldap | undefined> {
  if (!context.settings["auth.ldap.enabled"]) return undefined;
  // The libraries for directories need time and memory, so only servers with directories load them.
  const { openDirectories } = await import("./directories.ts");
  return openDirectories(context, signIn);
}
