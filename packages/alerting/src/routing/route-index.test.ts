import { Labels, Matcher } from "@narthex/model";
import { testCases, testSeed } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ROUTE } from "../testing/rig.ts";
import { buildRoute, matchRoutes, type Route, type RouteConfig } from "./route.ts";
import { RouteIndex } from "./route-index.ts";

const value = fc.constantFrom("a", "b", "c", "");
const matcher = fc
  .tuple(fc.constantFrom("=", "!=", "=~"), fc.constantFrom("namespace", "team"), value)
  .map(([type, name, text]) => new Matcher(type as "=", name, text));
const own = fc
  .tuple(fc.constantFrom("namespace", "namespace", "team"), fc.constantFrom("a", "b", "c"))
  .map(([name, text]) => new Matcher("=", name, text));
const child = fc.record({
  matchers: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.array(matcher, { maxLength: 1 }), own).map(([more, one]) => [...more, one]) },
    { weight: 1, arbitrary: fc.array(matcher, { maxLength: 2 }) },
  ),
  continues: fc.boolean(),
});
const labels = fc
  .record({ namespace: value, team: value })
  .map((record) => Labels.of(Object.fromEntries(Object.entries(record).filter(([, text]) => text !== ""))));

/** Matches an alert against each child route in turn. */
function matchEach(route: Route, alert: Labels): readonly string[] {
  const found: string[] = [];
  for (const each of route.routes) {
    if (!each.matchers.every((one) => one.matches(alert.get(one.name)))) continue;
    found.push(each.receiver);
    if (!each.continues) break;
  }
  return found.length === 0 ? [route.receiver] : found;
}

test("with an index, an alert matches the same routes as without", () => {
  let indexed = 0;
  fc.assert(
    fc.property(fc.array(child, { minLength: 10, maxLength: 30 }), labels, (children, alert) => {
      const routes = children.map((each, i): RouteConfig => ({ ...ROUTE, ...each, receiver: `r${i}`, routes: [] }));
      const route = buildRoute({ ...ROUTE, receiver: "root", matchers: [], routes });
      if (RouteIndex.of(route.routes) !== undefined) indexed++;
      expect(matchRoutes(route, alert).map(({ receiver }) => receiver)).toEqual(matchEach(route, alert));
    }),
    { numRuns: testCases(300, 5000), seed: testSeed() },
  );
  expect(indexed).toBeGreaterThan(10);
});

test("an index returns few candidates of many namespaces", () => {
  const routes = Array.from({ length: 1000 }, (_, i) => ({ matchers: [new Matcher("=", "namespace", `n${i}`)] }));
  const other = { matchers: [new Matcher("=~", "team", "a|b")] };
  const index = RouteIndex.of([...routes.slice(0, 500), other, ...routes.slice(500)])!;
  expect(index.candidates(Labels.of({ namespace: "n7" }))).toEqual([routes[7], other]);
  expect(index.candidates(Labels.of({ namespace: "n700" }))).toEqual([other, routes[700]]);
  expect(index.candidates(Labels.of({ team: "x" }))).toEqual([other]);
});

test("few routes, or routes without a common label, get no index", () => {
  const one = { matchers: [new Matcher("=", "namespace", "n")] };
  expect(RouteIndex.of(Array.from({ length: 15 }, () => one))).toBeUndefined();
  const absent = { matchers: [new Matcher("=", "namespace", "")] };
  expect(RouteIndex.of(Array.from({ length: 100 }, () => absent))).toBeUndefined();
});
