import { machineUrl, routePrefixOf, type WebAddress } from "@narthex/http";
import { trimTrailing } from "@narthex/model";
import { FlagError } from "@narthex/runtime";

/**
 * Returns the server's address for clients, from `--web.external-url`, `--web.route-prefix` and the first listen
 * address. Throws FlagError.
 */
export function webAddress(externalUrl: string, routePrefix: string, listen: string): WebAddress {
  const url = externalUrl === "" ? new URL(machineUrl(listen)) : parseExternal(externalUrl, listen);
  const external = `${url.origin}${trimTrailing(url.pathname, "/")}`;
  return { externalUrl: external, routePrefix: routePrefixOf(routePrefix, external) };
}

/** Parses the external URL. A URL that is only a path gets this machine's host and port. */
function parseExternal(text: string, listen: string): URL {
  if (/^["']/.test(text) || /["']$/.test(text)) throw new FlagError("URL must not begin or end with quotes");
  const whole = text.startsWith("/") ? `${machineUrl(listen)}${text}` : text;
  try {
    return new URL(whole);
  } catch (cause) {
    throw new FlagError(`parse external URL ${JSON.stringify(text)}: invalid URL; write http://HOST:PORT/PATH`, {
      cause,
    });
  }
}
