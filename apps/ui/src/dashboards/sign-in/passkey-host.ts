/** The browser at the page's address. */
export interface PasskeyPlace {
  readonly isSecureContext: boolean;
  readonly PublicKeyCredential?: unknown;
  readonly location: Pick<Location, "hostname">;
}

/** Matches hosts that are IP addresses. Browsers offer no passkeys for them. */
const ADDRESS = /^(?:[\d.]+|\[.*\])$/;

/**
 * Reports whether the browser can use passkeys of a host at this address. Browsers offer passkeys only to secure pages
 * of the host and of its subdomains.
 * @param rpId the host to which the server's passkeys belong
 */
export function isPasskeyHost(rpId: string, { isSecureContext, PublicKeyCredential, location }: PasskeyPlace = window) {
  const isOfHost = location.hostname === rpId || location.hostname.endsWith(`.${rpId}`);
  return isSecureContext && PublicKeyCredential !== undefined && isOfHost && !ADDRESS.test(rpId);
}
