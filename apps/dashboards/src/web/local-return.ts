import type { PublicAddress } from "./public-address.ts";

/**
 * Returns a URL to which a browser may be sent back after the sign-in, as browsers parse it: any port on this server's
 * host. Browsers send the session cookie to all ports of a host. Returns undefined for a URL of another host.
 */
export function localReturn(
  text: string,
  { url: own, isSecure }: Pick<PublicAddress, "url" | "isSecure">,
): string | undefined {
  if (!/^https?:\/\/[^\\\s\p{Cc}]+$/u.test(text)) return undefined;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  const isLocal = url.hostname === new URL(own).hostname && (url.protocol === "https:" || !isSecure);
  return isLocal ? url.href : undefined;
}
