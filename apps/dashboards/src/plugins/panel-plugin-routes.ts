import type { FastifyInstance } from "fastify";
import { needs } from "../auth/rights.ts";
import { refusal } from "../web/refusal.ts";
import { pathParameter } from "../web/request-body.ts";
import { framePage, PROGRAM_HASH } from "./frame-page.ts";
import type { PluginRegistry } from "./plugin-registry.ts";

const READ = needs("viewer", "plugins:read");

/**
 * Adds the routes for plugins of panels: the list, and the page of a frame in which a browser runs a plugin. The page
 * contains the module, because a frame without an origin can request nothing.
 */
export function panelPluginRoutes(
  app: FastifyInstance,
  registry: PluginRegistry,
  { reloads, allowsEmbedding }: { readonly reloads: boolean; readonly allowsEmbedding: boolean },
): void {
  app.get("/api/narthex/panel-plugins", READ, () => ({ plugins: registry.panels, reloads }));
  app.get("/api/narthex/panel-plugins/:id/frame", READ, (request, reply) => {
    const code = registry.panelCode(pathParameter(request, "id"));
    if (code === undefined) throw refusal(404, "There is no plugin for panels of this type");
    if (!allowsEmbedding) reply.header("x-frame-options", "sameorigin");
    return reply
      .header("content-security-policy", framePolicy(allowsEmbedding))
      .type("text/html; charset=utf-8")
      .send(framePage(code));
  });
}

/**
 * Returns the content security policy of a frame. The frame has no origin, runs only the module of its page, and loads
 * nothing.
 */
const framePolicy = (allowsEmbedding: boolean): string =>
  [
    "sandbox allow-scripts",
    "default-src 'none'",
    `script-src ${PROGRAM_HASH} blob:`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    ...(allowsEmbedding ? [] : ["frame-ancestors 'self'"]),
  ].join("; ");
