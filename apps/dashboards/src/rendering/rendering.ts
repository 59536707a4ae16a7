import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import type { PluginRegistry } from "../plugins/plugin-registry.ts";
import type { Settings } from "../settings/setting-table.ts";
import { answersWhileAwaited } from "../web/client-gone.ts";
import { refusal } from "../web/refusal.ts";
import { pathParameter, queryOf } from "../web/request-body.ts";
import { timeZoneIn } from "../web/time-zone.ts";
import { removeDeadProfiles } from "./browser/browser-profiles.ts";
import { drawerOf } from "./drawn/draw-dashboard.ts";
import { RenderError } from "./render-error.ts";
import type { RenderKeys } from "./render-keys.ts";
import type { DocumentOutput, PictureOutput, RenderRequest } from "./render-request.ts";
import { Renderer } from "./renderer.ts";

export interface Rendering extends Feature {
  readonly renderer: Renderer;
}

interface RenderingOptions {
  readonly keys: RenderKeys;
  readonly dashboards: Pick<Dashboards, "visible" | "store">;
  readonly sources: Sources;
  readonly registry: PluginRegistry;
}

/** Maximum width and height of a picture, CSS pixels; maximum scale; and maximum time, seconds. */
const [MAX_SIDE, MAX_SCALE, MAX_SECONDS] = [5000, 4, 120];
const USUAL_SECONDS = 60;
/** Maximum length of a panel's key, characters. */
const MAX_PANEL_KEY = 100;

/** Opens the renderer, and adds Grafana's routes for pictures of dashboards and panels. */
export function openRendering(context: Context, { keys, dashboards, sources, registry }: RenderingOptions): Rendering {
  const renderer = new Renderer(context, keys, drawerOf({ context, dashboards, sources, registry }));
  renderer.whenReady(() => void removeEarlierProfiles(context));
  return {
    name: "rendering",
    renderer,
    metrics: [() => renderer.families()],
    routes: ({ app }) => {
      renderRoutes(app, context, renderer, dashboards);
    },
  };
}

/** Removes the folders of browsers that a killed server has left, and logs it. */
async function removeEarlierProfiles({ logger }: Context): Promise<void> {
  try {
    const removed = await removeDeadProfiles();
    if (removed > 0) logger.info("Folders of browsers of an earlier process were removed", { folders: removed });
  } catch (error) {
    logger.warn("Folders of browsers of an earlier process could not be removed", { err: error });
  }
}

function renderRoutes(
  app: FastifyInstance,
  { settings, logger }: Context,
  renderer: Renderer,
  { visible }: RenderingOptions["dashboards"],
): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply, isSolo: boolean): Promise<FastifyReply> => {
    const record = visible(request).dashboard(pathParameter(request, "uid"));
    const query = queryOf(request);
    const panelId = isSolo ? (query.get("panelId") ?? "").slice(0, MAX_PANEL_KEY) : undefined;
    if (panelId === "") throw refusal(400, "the URL names no panel: add panelId= and the number of the panel");
    const rendered: RenderRequest = {
      principal: request.principal,
      dashboardUid: record.uid,
      ...(panelId !== undefined && { panelId }),
      parameters: pageParameters(query),
      zone: zoneIn(query),
      theme: themeIn(query),
      output: outputIn(query, settings),
      timeoutMs: 1000 * numberIn(query, "timeout", USUAL_SECONDS, [1, MAX_SECONDS]),
    };
    const bytes = await answersWhileAwaited(reply, (signal) =>
      renderer.render(rendered, signal).catch((error: unknown) => {
        if (!(error instanceof RenderError)) throw error;
        logger.warn("A picture was not rendered", { dashboard: record.uid, err: error.message });
        throw refusal(500, `Rendering failed: ${error.message}`);
      }),
    );
    const type = rendered.output.format === "pdf" ? "application/pdf" : "image/png";
    return reply.header("cache-control", "private, no-store").type(type).send(bytes);
  };
  const right = needsPlace("view", "dashboards:read");
  for (const slug of ["", "/:slug"]) {
    app.get(`/render/d/:uid${slug}`, right, (request, reply) => answer(request, reply, false));
    app.get(`/render/d-solo/:uid${slug}`, right, (request, reply) => answer(request, reply, true));
  }
}

/** Parameters that belong to the rendering and not to the page. */
const OF_RENDERING = ["width", "height", "scale", "tz", "timeout", "encoding", "orientation", "renderKey", "domain"];

function pageParameters(query: URLSearchParams): URLSearchParams {
  const page = new URLSearchParams(query);
  for (const name of OF_RENDERING) page.delete(name);
  return page;
}

const themeIn = (query: URLSearchParams): RenderRequest["theme"] => {
  const theme = query.get("theme");
  return theme === "light" || theme === "dark" ? theme : "";
};

/** Returns the time zone in the parameters `timezone` and `tz`, or an empty text. Throws a refusal. */
function zoneIn(query: URLSearchParams): string {
  const zone = query.get("timezone") ?? query.get("tz") ?? "";
  return zone === "" || zone === "browser" ? "" : timeZoneIn(zone, query.has("timezone") ? "timezone" : "tz");
}

function outputIn(query: URLSearchParams, settings: Settings): PictureOutput | DocumentOutput {
  if (query.get("encoding") === "pdf")
    return { format: "pdf", orientation: query.get("orientation") === "landscape" ? "landscape" : "portrait" };
  const heightText = query.get("height") ?? "";
  return {
    format: "png",
    // The browser refuses sizes that are not whole pixels.
    width: Math.round(numberIn(query, "width", settings["rendering.default_image_width"], [10, MAX_SIDE])),
    height:
      heightText === "-1" || heightText === "full"
        ? -1
        : Math.round(numberIn(query, "height", settings["rendering.default_image_height"], [10, MAX_SIDE])),
    scale: numberIn(query, "scale", settings["rendering.default_image_scale"], [0.1, MAX_SCALE]),
  };
}

/** Returns a number in the URL, limited to a range. Throws a refusal if the text is not a number. */
function numberIn(
  query: URLSearchParams,
  name: string,
  usual: number,
  [least, most]: readonly [least: number, most: number],
): number {
  const text = query.get(name) ?? "";
  const value = text === "" ? usual : Number(text);
  if (!Number.isFinite(value)) throw refusal(400, `${name}: ${JSON.stringify(text.slice(0, 40))} is not a number`);
  return Math.min(Math.max(value, least), most);
}
