import type { Labels, Matcher } from "@narthex/model";
import type { Route } from "./route.ts";

/** The result of routing an alert at one route. */
export interface RouteTrace {
  readonly route: Route;
  /**
   * Verdict of the route. `taken`: the route notifies the alert. `passed`: a route below it notifies the alert.
   * `refused`: a matcher does not match. `untried`: an earlier route took the alert.
   */
  readonly verdict: "passed" | "refused" | "taken" | "untried";
  /** The matcher that does not match, and the label's value. */
  readonly failed?: { readonly matcher: Matcher; readonly value: string };
  readonly routes: readonly RouteTrace[];
}

/** Routes an alert with these labels like matchRoutes(), and records the verdict of every route. */
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

/** Returns a trace and all traces below it, parents before children. */
export const steps = (trace: RouteTrace): readonly RouteTrace[] => [trace, ...trace.routes.flatMap(steps)];
