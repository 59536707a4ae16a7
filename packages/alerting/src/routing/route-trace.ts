import type { Labels, Matcher } from "@narthex/model";
import type { Route } from "./route.ts";

/** The result of matching one route against an alert, for explaining the routing to a user. */
export interface RouteTrace {
  readonly route: Route;
  /**
   * Result of the route. `taken`: the route notifies the alert; `passed`: a child route notifies it; `refused`: a
   * matcher does not match; `untried`: an earlier route has taken the alert.
   */
  readonly verdict: "passed" | "refused" | "taken" | "untried";
  /** The matcher that does not match the alert, and the value of the alert's label. */
  readonly failed?: { readonly matcher: Matcher; readonly value: string };
  readonly routes: readonly RouteTrace[];
}

/**
 * Matches an alert against the routes like matchRoutes(), and records for every route whether it took the alert, and if
 * not, the reason.
 */
export function traceRoutes(route: Route, labels: Labels): RouteTrace {
  const matcher = route.matchers.find((each) => !each.matches(labels.get(each.name)));
  if (matcher !== undefined) {
    const failed = { matcher, value: labels.get(matcher.name) };
    return { route, verdict: "refused", failed, routes: [] };
  }
  const routes: RouteTrace[] = [];
  let [isTaken, isOver] = [true, false];
  for (const child of route.routes) {
    const trace: RouteTrace = isOver ? { route: child, verdict: "untried", routes: [] } : traceRoutes(child, labels);
    routes.push(trace);
    if (trace.verdict !== "taken" && trace.verdict !== "passed") continue;
    isTaken = false;
    if (!child.continues) isOver = true;
  }
  return { route, verdict: isTaken ? "taken" : "passed", routes };
}

/** Returns the results of a route and of all routes below it, parents before children. */
export const steps = (trace: RouteTrace): readonly RouteTrace[] => [trace, ...trace.routes.flatMap(steps)];
