import { posix } from "node:path";
import { type Codec, url, urlText } from "@narthex/config";

/** Codec for the URL of a service. Prints the URL as it is written, with its password hidden. */
export const serviceUrl: Codec<string> = { ...url, encode: (value) => urlText.encode(value) };

/** Returns scheme (in lower case) and host of a URL, as Go's url.Parse finds them. A missing part is "". */
export function schemeAndHost(text: string): { readonly scheme: string; readonly host: string } {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1] ?? "";
  const authority = /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*)/i.exec(text)?.[1] ?? "";
  return { scheme: scheme.toLowerCase(), host: authority.slice(authority.lastIndexOf("@") + 1) };
}

/** Returns the reason why a text is not the URL of an HTTP server, in Prometheus' words, or undefined if it is one. */
export function httpUrlProblem(text: string): string | undefined {
  if (text === "") return "URL is missing";
  const { scheme, host } = schemeAndHost(text);
  if (scheme !== "http" && scheme !== "https") return "URL scheme must be 'http' or 'https'";
  return host === "" ? "host is missing in URL" : undefined;
}

/** Returns a URL without its path and query: scheme, user and host. */
export const originOf = (text: string): string => /^[^/?#]*\/\/[^/?#]*/.exec(text)?.[0] ?? text;

/** Returns a URL without its query and fragment. */
export const withoutQuery = (text: string): string => /^[^?#]*/.exec(text)![0];

/** Adds a path to the path of a URL. The query of the URL remains behind the path. */
export function withPath(text: string, path: string): string {
  const [, head, own, rest] = /^((?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/?#]*)?)([^?#]*)(.*)$/is.exec(text)!;
  return head! + posix.join(head === "" ? "" : "/", own!, path) + rest!;
}
