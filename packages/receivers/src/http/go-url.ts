import { posix } from "node:path";

/** Escapes a text for the query of a URL like Go's url.QueryEscape. */
export const queryEscape = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, percentEncoded)
    .replaceAll("%20", "+");

/**
 * Escapes a text for the path of a URL like Go's url.URL: slashes are kept, but `?`, `%` and other special characters
 * are escaped.
 */
export const pathEscape = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, percentEncoded)
    .replaceAll(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent);

const percentEncoded = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/** Returns parameters as a URL query, sorted by name like Go's url.Values. */
export const goQuery = (parameters: Readonly<Record<string, string>>): string =>
  Object.keys(parameters)
    .sort()
    .map((name) => `${queryEscape(name)}=${queryEscape(parameters[name]!)}`)
    .join("&");

/** Appends a text to the path of a URL without changing its query. */
export function extendPath(url: string, more: string): string {
  const [, base, rest] = /^([^?#]*)(.*)$/s.exec(url)!;
  return `${base!}${pathEscape(more)}${rest!}`;
}

/** Returns the URL with a slash at the end of its path. */
export function withTrailingSlash(url: string): string {
  const [, base, rest] = /^([^?#]*)(.*)$/s.exec(url)!;
  return base!.endsWith("/") ? url : `${base!}/${rest!}`;
}

/** Adds a parameter to the URL. Its query is sorted by name, like Go's url.Values. */
export function withParameter(url: string, name: string, value: string): string {
  const [, base, query] = /^([^?#]*)\??([^#]*)/s.exec(url)!;
  const parameters = new URLSearchParams(query);
  parameters.set(name, value);
  return `${base!}?${goQuery(Object.fromEntries(parameters))}`;
}

/** Appends to the path of a URL like Go's JoinPath, which removes repeated slashes and segments such as `..`. */
export function joinPath(url: string, more: string): string {
  const [, origin, path, rest] = /^([a-z]+:\/\/[^/?#]*)([^?#]*)(.*)$/is.exec(url)!;
  return `${origin!}${posix.join("/", path!, more)}${rest!}`;
}
