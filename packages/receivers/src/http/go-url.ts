import { posix } from "node:path";

/** A query's text as Go's url.QueryEscape writes it. */
export const queryEscape = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, percentEncoded)
    .replaceAll("%20", "+");

/** A path's text as Go's url.URL prints it: slashes stay, `?`, `%` and whatever else has a meaning or none is escaped. */
export const pathEscape = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, percentEncoded)
    .replaceAll(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent);

const percentEncoded = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/** Parameters as Go's url.Values prints them: sorted by name. */
export const goQuery = (parameters: Readonly<Record<string, string>>): string =>
  Object.keys(parameters)
    .sort()
    .map((name) => `${queryEscape(name)}=${queryEscape(parameters[name]!)}`)
    .join("&");

/** The URL with a text put behind its path, its query left if it is. */
export function extendPath(url: string, more: string): string {
  const [, base, rest] = /^([^?#]*)(.*)$/s.exec(url)!;
  return `${base!}${pathEscape(more)}${rest!}`;
}

/** The URL with a slash at the end of its path. */
export function withTrailingSlash(url: string): string {
  const [, base, rest] = /^([^?#]*)(.*)$/s.exec(url)!;
  return base!.endsWith("/") ? url : `${base!}/${rest!}`;
}

/** The URL with one more parameter, its query sorted by name as Go's url.Values prints it. */
export function withParameter(url: string, name: string, value: string): string {
  const [, base, query] = /^([^?#]*)\??([^#]*)/s.exec(url)!;
  const parameters = new URLSearchParams(query);
  parameters.set(name, value);
  return `${base!}?${goQuery(Object.fromEntries(parameters))}`;
}

/** The URL with more path behind its own, dots and repeated slashes cleaned away as Go's JoinPath does. */
export function joinPath(url: string, more: string): string {
  const [, origin, path, rest] = /^([a-z]+:\/\/[^/?#]*)([^?#]*)(.*)$/is.exec(url)!;
  return `${origin!}${posix.join("/", path!, more)}${rest!}`;
}
