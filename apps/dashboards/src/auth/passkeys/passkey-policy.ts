import type { Settings } from "../../settings/setting-table.ts";
import type { PublicAddress } from "../../web/public-address.ts";
import { refusal } from "../../web/refusal.ts";
import type { Credentials } from "../credentials/credentials.ts";

/** The site for which browsers make passkeys. */
export interface PasskeySite {
  /** Host of root_url, to which the passkeys belong. */
  readonly rpId: string;
  /** Scheme, host and port of root_url: the only origin whose pages can use the passkeys. */
  readonly origin: string;
}

/**
 * Returns the site for passkeys. Returns undefined if passkeys are disabled. Without the login form, people sign in only
 * at a provider, and passkeys would be a way around the provider. An IP address cannot have passkeys.
 */
export function passkeySite(settings: Settings, address: PublicAddress): PasskeySite | undefined {
  if (!settings["auth.passkeys.enabled"] || settings["auth.disable_login_form"]) return undefined;
  const { hostname, origin } = new URL(address.url);
  // An IP address: the URL parser writes IPv6 addresses in brackets, and IPv4 addresses as four numbers.
  return /^\[|^[\d.]+$/.test(hostname) ? undefined : { rpId: hostname, origin };
}

/**
 * Reports whether a user may have passkeys. A user without a password in this program signs in with another system. A
 * passkey would still work after the user's account there was removed, because that system cannot be asked without the
 * user's password.
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
