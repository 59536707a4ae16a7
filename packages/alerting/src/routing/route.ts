import type { Labels } from "@narthex/model";
import { matchesAll, Matcher, quote } from "@narthex/model";
import { RouteIndex } from "./route-index.ts";
import { printMatchers, sortMatchers } from "../matchers/matcher-syntax.ts";

/** A route as the configuration file contains it. Undefined fields are inherited from the parent route. */
export interface RouteConfig {
  readonly receiver: string;
  /** Names of the labels by which alerts are grouped, or `["..."]` for all labels. */
  readonly groupBy: readonly string[] | undefined;
  readonly matchers: readonly Matcher[];
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly continues: boolean;
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
  /** Labels that the route adds, by name. The values are templates. */
  readonly labels: ReadonlyMap<string, string>;
  readonly routes: readonly RouteConfig[];
}

/** A route whose missing fields were inherited from its parent route. */
export interface Route {
  readonly receiver: string;
  /** Names of the labels by which alerts are grouped, or undefined for all labels. */
  readonly groupBy: ReadonlySet<string> | undefined;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly matchers: readonly Matcher[];
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly continues: boolean;
  readonly labels: ReadonlyMap<string, string>;
  /** Key of the route, for example `{}/{severity="critical"}`, which is the beginning of group keys. */
  readonly key: string;
  /** A unique id: the route's key with its index among the routes of its parent. */
  readonly id: string;
  readonly routes: readonly Route[];
  /** Finds the child routes that may match an alert. Undefined if there are only a few. */
  readonly index?: RouteIndex<Route>;
}

const DEFAULTS: Pick<
  Route,
  "groupBy" | "groupIntervalMs" | "groupWaitMs" | "labels" | "receiver" | "repeatIntervalMs"
> = {
  receiver: "",
  groupBy: new Set(),
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
  labels: new Map(),
};

export const buildRoute = (config: RouteConfig): Route => build(config, DEFAULTS, "", "");

function build(config: RouteConfig, parent: typeof DEFAULTS, parentKey: string, parentId: string, index = 0): Route {
  const matchers = sortMatchers(config.matchers);
  const own = printMatchers(matchers);
  const key = parentKey === "" ? own : `${parentKey}/${own}`;
  const id = parentKey === "" ? own : `${parentId}/${own}/${index}`;
  const settings = {
    receiver: config.receiver === "" ? parent.receiver : config.receiver,
    groupBy: groupLabelsOf(config.groupBy, parent.groupBy),
    groupWaitMs: config.groupWaitMs ?? parent.groupWaitMs,
    groupIntervalMs: config.groupIntervalMs ?? parent.groupIntervalMs,
    repeatIntervalMs: config.repeatIntervalMs ?? parent.repeatIntervalMs,
    labels: new Map([...parent.labels, ...config.labels]),
  };
  const routes = config.routes.map((child, i) => build(child, settings, key, id, i));
  const routeIndex = RouteIndex.of(routes);
  return {
    ...settings,
    matchers,
    muteTimeIntervals: config.muteTimeIntervals,
    activeTimeIntervals: config.activeTimeIntervals,
    continues: config.continues,
    key,
    id,
    routes,
    ...(routeIndex && { index: routeIndex }),
  };
}

function groupLabelsOf(
  own: readonly string[] | undefined,
  inherited: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (own === undefined) return inherited;
  return own.includes("...") ? undefined : new Set(own);
}

/**
 * Returns all routes that match an alert with the given labels. A route with a matching child route is not returned
 * itself.
 */
export function matchRoutes(route: Route, labels: Labels): readonly Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.index?.candidates(labels) ?? route.routes) {
    const matches = matchRoutes(child, labels);
    for (const item of matches) found.push(item);
    if (matches.length > 0 && !child.continues) break;
  }
  return found.length === 0 ? [route] : found;
}

export const allRoutes = (route: Route): readonly Route[] => [route, ...route.routes.flatMap(allRoutes)];

/** Returns the labels that identify an alert's group on this route. */
export const groupLabels = (route: Route, labels: Labels): Labels =>
  route.groupBy === undefined ? labels : labels.only(...route.groupBy);

/** Returns the identity of a group, such as `{}/{severity="critical"}:{alertname="A"}`. */
export const groupKey = (route: Route, labels: Labels): string =>
  `${route.key}:{${[...labels].map(([name, value]) => `${name}=${quote(value)}`).join(", ")}}`;
