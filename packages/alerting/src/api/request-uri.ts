/** Matches a usual http or https URL, which is valid without further checks. */
const USUAL = /^https?:\/\/[a-zA-Z0-9.-]+(?::\d+)?(?:\/[!"$&->@-~]*)?(?:\?[!"$-~]*)?$/;

/** Reports whether a text is an absolute URL or a path that Go accepts in the first line of an HTTP request. */
export function isRequestUri(given: string): boolean {
  if (USUAL.test(given)) return true;
  const text = given.split("#", 1)[0]!;
  // oxlint-disable-next-line no-control-regex -- no URL has control characters
  if (text === "" || /[\u0000-\u001f\u007f]/.test(text)) return false;
  if (text === "*") return true;
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:)/.exec(text)?.[0];
  const rest = (scheme === undefined ? text : text.slice(scheme.length + 1)).split("?", 1)[0]!;
  if (!rest.startsWith("/")) return scheme !== undefined;
  if (scheme === undefined || !rest.startsWith("//")) return isPath(rest);
  const [, authority = "", path = ""] = /^\/\/([^/]*)(.*)$/s.exec(rest)!;
  return isAuthority(authority) && isPath(path);
}

const isPath = (text: string): boolean => !/%(?![0-9a-fA-F]{2})/.test(text);

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf("@");
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) return false;
  if (at >= 0 && !isPath(authority.slice(0, at))) return false;
  const host = authority.slice(at + 1);
  if (host.startsWith("[")) return /^\[[^\]]*\](?::\d*)?$/.test(host);
  const port = /:([^:]*)$/.exec(host)?.[1];
  if (port !== undefined && !/^\d*$/.test(port)) return false;
  // Refuses percent-encoded ASCII bytes in a host name.
  return !/%(?![89a-fA-F][0-9a-fA-F])/.test(host) && !/[ \\^`{}|#/]/.test(host);
}
