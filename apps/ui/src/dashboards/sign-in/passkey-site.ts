import type { FrontendSettings } from "../data/frontend-settings.ts";

/** The properties of `window` that decide whether passkeys work. */
export interface PasskeyBrowser {
  readonly isSecureContext: boolean;
  readonly PublicKeyCredential?: unknown;
  readonly location: Pick<Location, "origin">;
}

/** The address of the server, and whether this browser can use the server's passkeys at the page's address. */
export interface PasskeySite {
  readonly address: string;
  /** Whether the page has the server's own address. The server accepts no passkeys at other addresses. */
  readonly isHere: boolean;
  /** Whether the browser offers passkeys, which it does only to secure pages. */
  readonly isSupported: boolean;
}

/** Returns the site for passkeys; undefined if the server accepts no passkeys. */
export function passkeySiteOf(
  { narthexPasskeys, appUrl = "" }: FrontendSettings,
  { isSecureContext, PublicKeyCredential, location }: PasskeyBrowser = window,
): PasskeySite | undefined {
  if (narthexPasskeys === undefined) return undefined;
  return {
    address: appUrl,
    isHere: URL.parse(appUrl)?.origin === location.origin,
    isSupported: isSecureContext && PublicKeyCredential !== undefined,
  };
}
