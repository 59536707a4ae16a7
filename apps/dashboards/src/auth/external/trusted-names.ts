import type { Settings } from "../../settings/setting-table.ts";

/**
 * Reports whether a directory, a proxy or a JWT signs in as the existing user with its login or address. Users must
 * then not choose these names themselves. Otherwise a user could choose the name of a colleague who has not signed in
 * yet, and would then share one user, with the colleague's role.
 */
export const areNamesTrusted = (settings: Settings): boolean =>
  settings["auth.ldap.enabled"] || settings["auth.proxy.enabled"] || settings["auth.jwt.enabled"];
