import type { PublicAddress } from "./public-address.ts";

/**
 * Reports whether a URL belongs to a program on the host of this server, on any port. Browsers send the session cookie
 * to all ports of a host.
 */
export function isLocalReturn(text: string, { url: own, isSecure }: Pick<PublicAddress, "url" | "isSecure">): boolean {
  if (!/^https?:\/\/[^\\\s\p{Cc}]+$/u.test(text)) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return url.hostname === new URL(own).hostname && (url.protocol === "https:" || !isSecure);
}
