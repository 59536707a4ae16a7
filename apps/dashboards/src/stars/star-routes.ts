import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VisibleTo } from "../access/visible.ts";
import { accountIdOf } from "../auth/identity.ts";
import { needs } from "../auth/rights.ts";
import { pathParameter } from "../web/request-body.ts";
import type { StarStore } from "./star-store.ts";

export function starRoutes(app: FastifyInstance, stars: StarStore, visible: VisibleTo): void {
  const url = "/api/user/stars/dashboard/uid/:uid";
  const set = async (request: FastifyRequest, isStarred: boolean): Promise<object> => {
    const uid = pathParameter(request, "uid");
    if (isStarred) visible(request).dashboard(uid);
    await stars.set(accountIdOf(request), uid, isStarred);
    return { message: isStarred ? "Dashboard starred!" : "Dashboard unstarred" };
  };
  app.get("/api/user/stars", needs("signed-in"), (request) => [...stars.ofUser(accountIdOf(request))]);
  app.post(url, needs("signed-in"), (request) => set(request, true));
  app.delete(url, needs("signed-in"), (request) => set(request, false));
}
