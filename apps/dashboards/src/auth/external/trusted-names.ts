import type { Settings } from "../../settings/setting-table.ts";

/**
 * Reports whether a directory, a proxy or a JWT signs in as the existing user with its login or address. People must
 * then not choose these names themselves: they could choose the name of a colleague who has not signed in yet. The
 * colleague would get their user, and they would get the colleague's role.
 */
export const areNamesTrusted = (settings: Settings): boolean =>
  settings["auth.ldap.enabled"] || settings["auth.proxy.enabled"] || settings["auth.jwt.enabled"];
