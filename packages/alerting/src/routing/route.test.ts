import { Labels, Matcher } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { equal, ROUTE } from "../testing/rig.ts";
import { allRoutes, buildRoute, groupKey, groupLabels, matchRoutes, type RouteConfig } from "./route.ts";
import { steps, traceRoutes } from "./route-trace.ts";

const EMPTY: RouteConfig = {
  ...ROUTE,
  receiver: "",
  groupBy: undefined,
  groupWaitMs: undefined,
  groupIntervalMs: undefined,
  repeatIntervalMs: undefined,
};

test("a route without settings has Alertmanager's defaults", () => {
  expect(buildRoute(EMPTY)).toEqual({
    receiver: "",
    groupBy: new Set(),
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    repeatIntervalMs: 14_400_000,
    labels: new Map(),
    matchers: [],
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    continues: false,
    key: "{}",
    id: "{}",
    routes: [],
  });
});

test("a child inherits settings and labels, not time intervals, and has a key by its matchers and an id by its place", () => {
  const child: RouteConfig = { ...EMPTY, matchers: [equal("b", "1"), equal("a", "2")], labels: new Map([["y", "2"]]) };
  const own = { receiver: "own", groupBy: ["x"], groupWaitMs: 0, groupIntervalMs: 1, repeatIntervalMs: 2 };
  const root = buildRoute({
    ...ROUTE,
    groupBy: ["..."],
    labels: new Map([
      ["x", "1"],
      ["y", "1"],
    ]),
    muteTimeIntervals: ["m"],
    activeTimeIntervals: ["a"],
    routes: [child, { ...child, ...own, muteTimeIntervals: ["n"], routes: [EMPTY] }],
  });
  const [first, second] = root.routes;
  expect(first).toMatchObject({
    receiver: "all",
    groupBy: undefined,
    groupWaitMs: 10_000,
    groupIntervalMs: 60_000,
    repeatIntervalMs: 600_000,
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    key: '{}/{a="2",b="1"}',
    id: '{}/{a="2",b="1"}/0',
    labels: new Map([
      ["x", "1"],
      ["y", "2"],
    ]),
  });
  expect(second).toMatchObject({ ...own, groupBy: new Set(["x"]), muteTimeIntervals: ["n"], id: '{}/{a="2",b="1"}/1' });
  expect(second!.routes[0]).toMatchObject({ ...own, groupBy: new Set(["x"]), id: '{}/{a="2",b="1"}/1/{}/0' });
  expect(allRoutes(root).map(({ key }) => key)).toEqual(["{}", first!.key, second!.key, `${second!.key}/{}`]);
});

test("a group's key consists of its route and the labels that it is grouped by", () => {
  const labels = Labels.of({ a: "1", b: '"', c: "3" });
  const named = (groupBy: readonly string[]): string => {
    const route = buildRoute({ ...ROUTE, groupBy });
    return groupKey(route, groupLabels(route, labels));
  };
  expect([named([]), named(["c", "a", "none"]), named(["..."])]).toEqual([
    "{}:{}",
    '{}:{a="1", c="3"}',
    '{}:{a="1", b="\\"", c="3"}',
  ]);
});

const config: fc.Memo<RouteConfig> = fc.memo((depth) =>
  fc
    .record({
      name: fc.constantFrom("a", "b", ""),
      value: fc.constantFrom("1", "2"),
      type: fc.constantFrom("=" as const, "!=" as const),
      continues: fc.boolean(),
      routes: depth > 1 ? fc.array(config(depth - 1), { maxLength: 3 }) : fc.constant([]),
    })
    .map(({ name, value, type, continues, routes }) => ({
      ...EMPTY,
      matchers: name === "" ? [] : [new Matcher(type, name, value)],
      continues,
      routes,
    })),
);

test("the trace of an alert takes the routes that match it, and has the reason for each other route", () => {
  const labels = fc.record({ a: fc.constantFrom("", "1", "2"), b: fc.constantFrom("1", "2") });
  fc.assert(
    fc.property(config(3), labels, (tree, record) => {
      const [route, given] = [buildRoute(tree), Labels.of(record)];
      const found = steps(traceRoutes(route, given));
      expect(found.filter(({ verdict }) => verdict === "taken").map((step) => step.route)).toEqual(
        matchRoutes(route, given),
      );
      for (const { verdict, failed, routes } of found) {
        expect(failed !== undefined).toBe(verdict === "refused");
        if (failed !== undefined)
          expect([failed.matcher.matches(failed.value), failed.value]).toEqual([false, given.get(failed.matcher.name)]);
        const isPassed = routes.some((each) => each.verdict === "taken" || each.verdict === "passed");
        expect(verdict === "passed").toBe(isPassed);
      }
    }),
  );
});
