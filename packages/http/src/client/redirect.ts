import { RequestError } from "./failure.ts";
import type { ResponseHead } from "./http1-head.ts";

/** As many as Go's client follows. */
const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A redirect without a location is an ordinary response. */
export const isRedirect = ({ status, location }: ResponseHead): boolean =>
  REDIRECTS.has(status) && location !== undefined && location !== "";

/** Where a redirect leads. Throws what Go says of one that is too much, or leads nowhere. */
export function redirectTarget(from: string, location: string, hops: number): string {
  if (!URL.canParse(location, from)) {
    throw new RequestError(`failed to parse Location header ${JSON.stringify(location)}`, from);
  }
  if (hops === MAX_REDIRECTS - 1) throw new RequestError(`stopped after ${MAX_REDIRECTS} redirects`, location);
  const to = new URL(location, from);
  if (to.protocol === "http:" || to.protocol === "https:") return to.href;
  throw new RequestError(`unsupported protocol scheme ${JSON.stringify(to.protocol.slice(0, -1))}`, to.href);
}

/** May credentials go along with a redirect? To the same host, by whatever scheme and port, and to hosts below it. */
export function keepsCredentials(from: string, to: string): boolean {
  const [first, next] = [new URL(from).hostname, new URL(to).hostname];
  if (next === first) return true;
  const isAddress = /[:[\]]|^[\d.]+$/.test(first);
  return !isAddress && next.endsWith(`.${first}`);
}

/** The line that says where a redirect came from: never of a secret place to a plain one, and without user and password. */
export function referer(from: string, to: string): string {
  if (from.startsWith("https:") && to.startsWith("http:")) return "";
  return `Referer: ${from.replace(/^(https?:\/\/)[^/?#]*@/, "$1")}\r\n`;
}
