import type { SourceFile } from "../sources.ts";

/**
 * Folders without entry points for bytes from outside: command-line programs, which read files of their own user, and
 * code that runs in a browser.
 */
const NO_ROLES = ["apps/narthex/", "apps/release/", "apps/docs/", "apps/ui/"];
const ROUTE = /\b(?:app|api|scope|routes?)\.(?:get|post|put|delete|patch|all|head|route)(?:<[^(]*>)?\(/;
const NETWORK_MODULES = ["net", "tls", "dgram", "http", "https", "http2", "dns", "dns/promises"].map(
  (name) => `"node:${name}"`,
);
const LIBRARIES = ['"pg"', '"mysql2"', '"nodemailer', '"@slack/web-api"', '"undici"'];
const CLIENT = "createHttpClient(";

/** Folders of code that registers no routes, but calls services with methods of the same names. */
const NO_ROUTES = ["packages/discovery/"];

/** Reports whether a file registers a route or opens a connection. */
export function isDoor({ path, isTest, lines }: SourceFile): boolean {
  if (isTest || path.includes("/testing/") || NO_ROLES.some((folder) => path.startsWith(folder))) return false;
  if (!path.startsWith("apps/") && !path.startsWith("packages/")) return false;
  const modules = [...NETWORK_MODULES, ...LIBRARIES].map((name) => `from ${name}`);
  const mayHaveRoutes = !NO_ROUTES.some((folder) => path.startsWith(folder));
  return lines.some(
    (line) =>
      (mayHaveRoutes && ROUTE.test(line)) || line.includes(CLIENT) || modules.some((module) => line.includes(module)),
  );
}
