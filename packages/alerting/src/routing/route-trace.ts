import type { Labels, Matcher } from "@narthex/model";
import type { Route } from "./route.ts";

/** The result of routing an alert at one route. */
export interface RouteTrace {
  readonly route: Route;
  /** `taken`: it notifies; `passed`: a route below it does; `refused`: a matcher failed; `untried`: another came first. */
  readonly verdict: "passed" | "refused" | "taken" | "untried";
  /** The matcher that failed, and the label's value. */
  readonly failed?: { readonly matcher: Matcher; readonly value: string };
  readonly routes: readonly RouteTrace[];
}

/** Follows an alert with these labels down the tree, like matchRoutes(), and records every step. */
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

/** All steps, parents before children. */
export const steps = (trace: RouteTrace): readonly RouteTrace[] => [trace, ...trace.routes.flatMap(steps)];
