import { access, redirectTo, serveUi } from "@narthex/http";
import { formatGoDuration } from "@narthex/model";
import type { FastifyInstance } from "fastify";

interface Options {
  readonly folder: string;
  /** Path prefix of the pages in URLs that clients use: empty or `/prefix`. */
  readonly externalPath: string;
  /** Page to which `/` redirects. */
  readonly home: "/agent" | "/query" | "/graph";
  readonly pageTitle: string;
  readonly lookbackMs: number;
  /** Returns the target of the link to consoles. Empty if there are no consoles. */
  readonly consolesLink: () => string;
  readonly ready: () => boolean;
  readonly isAgent: boolean;
}

const PAGES = ["/status", "/flags", "/config", "/targets", "/service-discovery", "/alertmanager-discovery"];
const RULE_PAGES = ["/alerts", "/rules", "/objectives", "/edit-rules", "/backtest", "/alert-quality"];
const SERVER_PAGES = [...PAGES, "/query", ...RULE_PAGES, "/tsdb-status", "/active-queries", "/metric-usage"];
const AGENT_PAGES = [...PAGES, "/agent"];

/** Serves the UI's pages, and redirects old URLs. */
export async function uiRoutes(app: FastifyInstance, options: Options): Promise<void> {
  const { folder, externalPath, home, pageTitle, lookbackMs, consolesLink, ready, isAgent } = options;
  app.get("/", access("read", { series: "none" }), (request, reply) =>
    redirectTo(request, reply, externalPath + home, 302),
  );
  app.get("/graph", access("read", { series: "none" }), (request, reply) => {
    const [, ...query] = request.url.split("?");
    return redirectTo(request, reply, `${externalPath}/query?${query.join("?")}`, 302);
  });
  await serveUi(app, {
    root: folder,
    role: "server",
    title: escapeHtml(pageTitle),
    paths: isAgent ? AGENT_PAGES : SERVER_PAGES,
    placeholders: () => ({
      CONSOLES_LINK_PLACEHOLDER: consolesLink(),
      AGENT_MODE_PLACEHOLDER: String(isAgent),
      READY_PLACEHOLDER: String(ready()),
      LOOKBACKDELTA_PLACEHOLDER: formatGoDuration(lookbackMs),
    }),
  });
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
