import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import type { PublicAddress } from "./public-address.ts";

/** Checks of other programs call the role by whatever name they reach it at. */
const FOR_PROGRAMS = /^\/(?:api\/health|healthz|metrics)(?:\?|$)/;

/** Leads requests that call the server by another name than `server.domain` to root_url, where the settings ask for it. */
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
