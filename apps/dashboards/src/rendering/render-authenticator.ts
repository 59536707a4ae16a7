import { cookieOf, type Principal } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import type { Authenticator } from "../auth/authenticators/authenticator.ts";
import { namedRefusal, type Refusal, refusal } from "../web/refusal.ts";
import { pathParameter } from "../web/request-body.ts";
import { RENDER_COOKIE, type RenderKeys } from "./render-keys.ts";

/** Route of the rendered dashboard. Other dashboards cannot be read. */
const DASHBOARD = "/api/dashboards/uid/:uid";

/** The routes that the page of a dashboard uses. Pages and their files are routes of their own. */
const ROUTES: ReadonlySet<string> = new Set([
  DASHBOARD,
  "/api/annotations",
  "/api/dashboards/tags",
  "/api/datasources/proxy/uid/:uid/*",
  "/api/ds/query",
  "/api/folders",
  "/api/library-elements/:uid",
  "/api/login/ping",
  "/api/narthex/annotations/query",
  "/api/narthex/panel-plugins",
  "/api/narthex/panel-plugins/:id/frame",
  "/api/narthex/panels/query",
  "/api/narthex/source-kinds",
  "/api/narthex/sources",
  "/api/narthex/sources/:uid/resources/*",
  "/api/narthex/variables/values",
  "/api/org",
  "/api/search",
  "/api/user",
]);

/** Matches the pages that are rendered. */
const PAGES = /^\/d(?:-solo)?\/:uid(?:\/:slug)?$/;

/**
 * Identifies the browser of a rendering by the key in its cookie. The browser may only use the routes of a dashboard's
 * page, and open only the dashboard of the rendering.
 */
export class RenderAuthenticator implements Authenticator {
  readonly #keys: RenderKeys;

  constructor(keys: RenderKeys) {
    this.#keys = keys;
  }

  async identify(request: FastifyRequest): Promise<Principal | Refusal | undefined> {
    const key = cookieOf(request, RENDER_COOKIE);
    if (key === undefined || key === "") return undefined;
    const grant = this.#keys.find(key);
    if (grant === undefined) return namedRefusal(401, "render-key.invalid", "Invalid key of a rendering");
    const { url = "" } = request.routeOptions;
    const isPage = PAGES.test(url);
    const isOther = (isPage || url === DASHBOARD) && pathParameter(request, "uid") !== grant.dashboardUid;
    if (isOther || !(isPage || ROUTES.has(url)))
      return refusal(403, "The key of a rendering is only valid for its dashboard");
    return grant.principal;
  }
}
