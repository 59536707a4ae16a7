import type { FrontendSettings } from "../../api/frontend-settings.ts";

/** The properties of `window` that decide whether passkeys work. */
export interface PasskeyBrowser {
  readonly isSecureContext: boolean;
  readonly PublicKeyCredential?: unknown;
  readonly location: Pick<Location, "origin">;
}

/** The server's own address, and whether passkeys work at the address of the current page. */
export interface PasskeySite {
  readonly address: string;
  /** Whether the page is at the server's own address. The server accepts no passkeys at other addresses. */
  readonly isHere: boolean;
  /** Whether the browser offers passkeys. Browsers offer them only on secure pages (HTTPS or localhost). */
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
