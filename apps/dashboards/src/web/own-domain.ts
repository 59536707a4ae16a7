import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import type { PublicAddress } from "./public-address.ts";

/** Matches paths that other programs may request with any host name. */
const FOR_PROGRAMS = /^\/(?:api\/health|healthz|metrics)(?:\?|$)/;

/** Redirects requests whose host name is not `server.domain` to root_url, if `server.enforce_domain` is set. */
export function enforceDomain(app: FastifyInstance, settings: Settings, { url, path }: PublicAddress): void {
  if (!settings["server.enforce_domain"]) return;
  const domain = settings["server.domain"].toLowerCase();
  app.addHook("onRequest", async (request, reply) => {
    const name = (request.headers.host ?? "").replace(/:\d*$/, "").toLowerCase();
    if (name === domain || FOR_PROGRAMS.test(request.url)) return undefined;
    const { originalUrl } = request;
    const rest = path !== "" && originalUrl.startsWith(`${path}/`) ? originalUrl.slice(path.length) : originalUrl;
    return reply.code(301).header("location", `${url}${rest}`).send();
  });
}
