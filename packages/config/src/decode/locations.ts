import { maskPassword } from "@narthex/runtime";
import { text } from "./plain-values.ts";
import { secretsRevealed } from "./secret.ts";
import { type Codec, INVALID, scalarOf } from "./codec.ts";

/** Codec for the path of a file. A relative path is joined to the folder of the configuration file. */
export const filePath: Codec<string> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    if (scalar === INVALID) return INVALID;
    return scalar.tag === "!!null" ? "" : context.resolvePath(scalar.text);
  },
  whenNull: () => "",
  encode: (value) => value,
  isZero: (value) => value === "",
};

/** Returns the reason why Go's url.Parse refuses a text, or undefined if it accepts it. A password is not shown. */
export function urlProblem(url: string): string | undefined {
  const shown = withoutPassword(url);
  const because = (reason: string): string => {
    // Removes quoted text from the reason, because it may be part of the password. Keeps text that the masked URL also
    // contains.
    const message = reason.replace(/ ("(?:[^"\\]|\\.)*")/, (whole, quoted: string) =>
      shown.includes(JSON.parse(quoted) as string) ? whole : "",
    );
    return `parse ${JSON.stringify(shown)}: ${message}`;
  };
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(url)) return because("net/url: invalid control character in URL");
  if (url.startsWith(":")) return because("missing protocol scheme");
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url);
  if (scheme === null && /^[^/?#]*:/.test(url)) return because("first path segment in URL cannot contain colon");
  const badEscape = /%(?![0-9a-fA-F]{2})/.exec(url.split("#")[0]!.split("?")[0]!);
  if (badEscape !== null) {
    return because(`invalid URL escape ${JSON.stringify(url.slice(badEscape.index, badEscape.index + 3))}`);
  }
  const authority = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?\/\/([^/?#]*)/.exec(url)?.[1];
  return authority === undefined ? undefined : authorityProblem(authority, because);
}

function authorityProblem(authority: string, because: (reason: string) => string): string | undefined {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const user = authority.slice(0, Math.max(0, authority.lastIndexOf("@")));
  if (/[^A-Za-z0-9._:~!$&'()*+,;=%@-]/.test(user)) return because("net/url: invalid userinfo");
  const problem = hostProblem(host);
  return problem && because(problem);
}

/**
 * Returns the reason why Go would refuse the host of a URL, or undefined. As in Go, brackets and port are checked
 * before the characters of the host.
 */
function hostProblem(host: string): string | undefined {
  const opening = host.lastIndexOf("[");
  if (opening > 0) return "invalid IP-literal";
  const closing = host.lastIndexOf("]");
  if (opening === 0 && closing === -1) return "missing ']' in host";
  const colon = host.lastIndexOf(":");
  const port = opening === 0 ? host.slice(closing + 1) : colon === -1 ? "" : host.slice(colon);
  if (!/^(?::\d*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  // Finds a percent escape that a host must not contain. Escapes are allowed only for bytes beyond ASCII, and `%25`
  // begins an IPv6 zone.
  const escape = /%(?!25)[0-7][0-9a-fA-F]/.exec(host);
  if (escape !== null) return `invalid URL escape ${JSON.stringify(escape[0])}`;
  const letter = /[ {}|\\^`]/.exec(host);
  return letter === null ? undefined : `invalid character ${JSON.stringify(letter[0])} in host name`;
}

/** Returns a URL with its password replaced by `xxxxx`, also if the URL lacks a scheme. Any other text is unchanged. */
export const withoutPassword = (url: string): string => maskPassword(url, "xxxxx");

/** Returns the URL as Go prints it, with `xxxxx` instead of a password. */
export function redactUrl(url: string): string {
  const shown = withoutPassword(url).replace(/^[a-zA-Z][\w+.-]*:/, (scheme) => scheme.toLowerCase());
  const [, head, path, rest] = /^((?:[a-z][\w+.-]*:)?(?:\/\/[^/?#]*)?)([^?#]*)(.*)$/s.exec(shown)!;
  if (/^[\w.~!$&'()*+,;=:@/%[\]-]*$/.test(path!)) return shown;
  return head! + decodeURIComponent(path!).replaceAll(/[^\w.~$&+,/:;=@-]/gu, percentEncoded) + rest!;
}

const percentEncoded = (char: string): string =>
  [...new TextEncoder().encode(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

/** Codec for a text that may be a URL. Prints the text with its password hidden. */
export const urlText: Codec<string> = {
  goType: text.goType,
  decode: (node, context) => text.decode(node, context),
  whenNull: () => "",
  encode: (value) => (secretsRevealed() ? value : withoutPassword(value)),
  isZero: (value) => value === "",
};

/** Codec for a URL; printed without its password. */
export const url: Codec<string> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    if (scalar === INVALID) return INVALID;
    const problem = urlProblem(scalar.text);
    if (problem === undefined) return scalar.text;
    context.reportValue(node, "bad-url", problem, "write an absolute URL such as http://host:9090/path");
    return INVALID;
  },
  whenNull: () => "",
  encode: (value) => (secretsRevealed() ? value : redactUrl(value)),
  isZero: (value) => value === "",
};
