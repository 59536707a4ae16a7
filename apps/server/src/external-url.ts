import { hostname } from "node:os";
import { FlagError } from "@narthex/runtime";

/** How the server is reached from outside, and below which path its routes lie. */
export interface WebAddress {
  /** Without a slash at the end. */
  readonly externalUrl: string;
  /** "" or `/prefix`. */
  readonly routePrefix: string;
}

/** From `--web.external-url`, `--web.route-prefix` and the first bound address. Throws FlagError. */
export function webAddress(externalUrl: string, routePrefix: string, listen: string): WebAddress {
  const port = listen.slice(listen.lastIndexOf(":") + 1);
  const external = externalUrl === "" ? `http://${hostname()}:${port}/` : parseExternal(externalUrl, port);
  const url = new URL(external);
  const path = url.pathname.replace(/\/+$/, "");
  const prefix = routePrefix === "" ? path : `/${routePrefix.replace(/^\/+|\/+$/g, "")}`;
  return { externalUrl: `${url.origin}${path}`, routePrefix: prefix === "/" ? "" : prefix };
}

/** A bare path is allowed: host and port are this machine's. */
function parseExternal(text: string, port: string): string {
  if (/^["']/.test(text) || /["']$/.test(text)) throw new FlagError("URL must not begin or end with quotes");
  const whole = text.startsWith("/") ? `http://${hostname()}:${port}${text}` : text;
  try {
    return new URL(whole).href;
  } catch (cause) {
    throw new FlagError(`parse external URL ${JSON.stringify(text)}: invalid URL; write http://HOST:PORT/PATH`, {
      cause,
    });
  }
}
