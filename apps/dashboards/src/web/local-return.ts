import type { PublicAddress } from "./public-address.ts";

/**
 * Returns a URL of a program on the host of this server, on any port, in the form in which browsers send it. Browsers
 * send the session cookie to all ports of a host. Returns undefined for a URL of another host.
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
