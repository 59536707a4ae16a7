import type { Settings } from "../../settings/setting-table.ts";
import type { PublicAddress } from "../../web/public-address.ts";
import { refusal } from "../../web/refusal.ts";
import type { Credentials } from "../credentials/credentials.ts";

/** The site (host and origin) to which passkeys belong. */
export interface PasskeySite {
  /** Host of root_url, to which the passkeys belong. */
  readonly rpId: string;
  /** Scheme, host and port of root_url: the only origin whose pages can use the passkeys. */
  readonly origin: string;
}

/**
 * Returns the site for passkeys; undefined if passkeys are disabled. Passkeys are disabled without the login form,
 * because people then sign in only at a provider, which passkeys would bypass. An IP address cannot have passkeys.
 */
export function passkeySite(settings: Settings, address: PublicAddress): PasskeySite | undefined {
  if (!settings["auth.passkeys.enabled"] || settings["auth.disable_login_form"]) return undefined;
  const { hostname, origin } = new URL(address.url);
  // Matches IP addresses: the URL parser writes IPv6 addresses in brackets, and IPv4 addresses as four numbers.
  return /^\[|^[\d.]+$/.test(hostname) ? undefined : { rpId: hostname, origin };
}

/**
 * Reports whether a user may have passkeys. A user without a password in this program signs in with another system, and
 * must not have any: a passkey would still work after the account in that system was removed, because that system
 * cannot be asked without the user's password.
 */
export const mayHavePasskeys = (credentials: Credentials, userId: number): boolean =>
  credentials.passwordOf(userId) !== undefined;

export const passkeysDisabled = (): Error =>
  refusal(
    403,
    "passkeys are disabled: see auth.passkeys.enabled, auth.disable_login_form, and server.root_url, which needs a host name",
  );

export const noPasskeysForAccount = (): Error =>
  refusal(
    403,
    "You cannot have a passkey, because you have no password here: you sign in with another system, which decides about your sign-in",
  );
