import type { Settings } from "../../settings/setting-table.ts";

/**
 * Reports whether a directory, a proxy or a JWT may sign in as the existing user with the same login or address. Users
 * must then not choose these names themselves: otherwise a user could take the name of a colleague who has not signed
 * in yet, and both would share one user with the colleague's role.
 */
export const areNamesTrusted = (settings: Settings): boolean =>
  settings["auth.ldap.enabled"] || settings["auth.proxy.enabled"] || settings["auth.jwt.enabled"];
