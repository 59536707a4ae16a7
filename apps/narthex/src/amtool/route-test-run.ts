import { type AlertmanagerConfig } from "@narthex/alertmanager-config";
import {
  type Alert,
  AlertStore,
  buildRoute,
  containsTime,
  fingerprint,
  groupKey,
  groupLabels,
  Inhibitor,
  type MatcherMode,
  matchRoutes,
  parseMatchers,
  type Route,
} from "@narthex/alerting";
import { Labels, matchesAll } from "@narthex/model";
import type { RouteTest } from "./route-test-file.ts";
import { matching } from "./routes-test.ts";
import { drawTree } from "./route-tree.ts";

/** Evaluates route tests against one configuration. */
export class RouteBench {
  readonly #root: Route;
  readonly #config: AlertmanagerConfig;
  readonly #mode: MatcherMode;

  constructor(config: AlertmanagerConfig, mode: MatcherMode) {
    this.#root = buildRoute(config.route);
    this.#config = config;
    this.#mode = mode;
  }

  /**
   * Returns a message for each expectation that failed, with the expected and the actual value. The last message shows
   * the routes that the alert took.
   */
  failuresOf(test: RouteTest): readonly string[] {
    const { expect } = test;
    const labels = Labels.of(test.labels);
    const routes = matchRoutes(this.#root, labels);
    const got: Record<keyof typeof expect, unknown> = {
      receivers: routes.map(({ receiver }) => receiver),
      groupLabels: routes.map((route) => groupLabels(route, labels).toRecord()),
      groupKeys: routes.map((route) => groupKey(route, groupLabels(route, labels))),
      mutedBy: test.at === undefined ? [] : this.#mutedBy(routes, test.at),
      inhibitedBy: this.#inhibitedBy(test, labels),
      silenced: test.silences.some((text) => matchesAll(parseMatchers(text, this.#mode).matchers, labels)),
    };
    const failures = (Object.keys(NAMES) as (keyof typeof expect)[]).flatMap((key) => {
      const [wanted, had] = [shown(expect[key]), shown(got[key])];
      if (expect[key] === undefined || wanted === had) return [];
      return [`${NAMES[key]}:\n  expected: ${wanted}\n  got:      ${had}`];
    });
    if (failures.length === 0) return [];
    return [
      ...failures,
      `the route it took:\n${drawTree(matching(this.#root, labels)).trimEnd().replace(/^/gm, "  ")}`,
    ];
  }

  /**
   * Returns the names of the time intervals that mute the routes at `now`: mute intervals that contain `now`, and the
   * active intervals of a route if none of them contains `now`.
   */
  #mutedBy(routes: readonly Route[], now: number): readonly string[] {
    const { muteTimeIntervals, timeIntervals } = this.#config;
    const intervals = new Map([...muteTimeIntervals, ...timeIntervals].map((interval) => [interval.name, interval]));
    const holds = (name: string): boolean => containsTime(intervals.get(name)!, now);
    const names = routes.flatMap((route) => {
      const inactive = route.activeTimeIntervals.some(holds) ? [] : route.activeTimeIntervals;
      return [...inactive, ...route.muteTimeIntervals.filter(holds)];
    });
    return [...new Set(names)];
  }

  #inhibitedBy(test: RouteTest, labels: Labels): readonly unknown[] {
    const store = new AlertStore();
    const inhibitor = new Inhibitor(this.#config.inhibitRules);
    inhibitor.start(store);
    for (const other of [labels, ...test.alerts.map((one) => Labels.of(one))]) store.put(firing(other));
    const found = inhibitor.inhibition(labels, NOW);
    inhibitor.stop();
    return found === undefined ? [] : [found.source.labels.toRecord()];
  }
}

/**
 * Time at which the alerts of a test are evaluated, Unix ms. All alerts start at 0 and end at 2, so they are firing.
 */
const NOW = 1;

const firing = (labels: Labels): Alert => ({
  labels,
  annotations: Labels.EMPTY,
  startsAt: 0,
  endsAt: 2,
  updatedAt: 0,
  timeout: false,
  generatorUrl: "",
  fingerprint: fingerprint(labels),
});

/** Keys of the test file, by the property of the expectation. */
const NAMES = {
  receivers: "receivers",
  groupLabels: "group_labels",
  groupKeys: "group_keys",
  mutedBy: "muted_by",
  inhibitedBy: "inhibited_by",
  silenced: "silenced",
} as const;

/** Formats a value in YAML's flow style, with label sets sorted by name. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (value instanceof Map) return shown(Object.fromEntries(value));
  if (typeof value !== "object" || value === null) return String(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([name, text]) => `${name}: ${JSON.stringify(text)}`).join(", ")}}`;
}
