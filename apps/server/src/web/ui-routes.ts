import { access, serveUi } from "@narthex/http";
import { formatGoDuration } from "@narthex/model";
import type { FastifyInstance } from "fastify";

interface Options {
  readonly folder: string;
  readonly routePrefix: string;
  readonly pageTitle: string;
  readonly lookbackMs: number;
  /** Where the link to consoles leads; "" for none. */
  readonly consolesLink: () => string;
  readonly ready: () => boolean;
}

const PAGES = [
  "/query",
  "/alerts",
  "/status",
  "/tsdb-status",
  "/flags",
  "/config",
  "/rules",
  "/targets",
  "/service-discovery",
  "/alertmanager-discovery",
];

/** The pages, and the redirects that old links rely on. */
export async function uiRoutes(app: FastifyInstance, options: Options): Promise<void> {
  const { folder, routePrefix, pageTitle, lookbackMs, consolesLink, ready } = options;
  app.get("/", access("read"), (_request, reply) => reply.redirect(`${routePrefix}/query`, 302));
  app.get("/graph", access("read"), (request, reply) => {
    const question = request.url.indexOf("?");
    return reply.redirect(`${routePrefix}/query${question === -1 ? "" : request.url.slice(question)}`, 302);
  });
  await serveUi(app, {
    root: folder,
    role: "server",
    title: escapeHtml(pageTitle),
    paths: PAGES,
    placeholders: () => ({
      CONSOLES_LINK_PLACEHOLDER: consolesLink(),
      AGENT_MODE_PLACEHOLDER: "false",
      READY_PLACEHOLDER: String(ready()),
      LOOKBACKDELTA_PLACEHOLDER: formatGoDuration(lookbackMs),
    }),
  });
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
