import { buildRoute, Inhibitor, matchRoutes } from "@narthex/alerting";
import { decodeYaml } from "@narthex/config";
import { settingsOf } from "@narthex/discovery/testing";
import { Labels } from "@narthex/model";
import { testCases, testSeed } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { configSection } from "../alertmanager-config.ts";
import { mergedConfig } from "./merged-config.ts";
import { objectChecker, type ObjectConfig } from "./object-config.ts";

const reading = { mode: "fallback", warn: () => undefined } as const;
const FILE = `
route:
  receiver: default
  routes:
    - {receiver: first, matchers: [severity="critical"]}
    - {receiver: second, matchers: [team=~"a|b"], continue: true}
    - {receiver: third, matchers: [namespace="shop"]}
receivers: [{name: default}, {name: first}, {name: second}, {name: third}]
`;

function fileOf() {
  const loaded = decodeYaml(FILE, "alertmanager.yml", configSection(reading));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
}

const NAMESPACES = ["shop", "bank", "shop-2"];
const matcher = fc.record({
  name: fc.constantFrom("severity", "team", "namespace", "job"),
  value: fc.constantFrom("critical", "a", "shop", "bank", "", ".*", "a|b"),
  matchType: fc.constantFrom("=", "!=", "=~", "!~"),
});
const receiver = fc.constantFrom("x", "y");
const child = fc.record({
  receiver: fc.constantFrom("x", "y", ""),
  matchers: fc.array(matcher, { maxLength: 2 }),
  continue: fc.boolean(),
});
const anObject = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  onlyNamespace: fc.boolean(),
  route: fc.option(
    fc.record({
      receiver,
      matchers: fc.array(matcher, { maxLength: 2 }),
      continue: fc.boolean(),
      routes: fc.array(child, { maxLength: 3 }),
    }),
  ),
  inhibitRules: fc.array(
    fc.record({ sourceMatch: fc.array(matcher, { maxLength: 2 }), targetMatch: fc.array(matcher, { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
});
const alert = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES, ""),
    severity: fc.constantFrom("critical", "warning", ""),
    team: fc.constantFrom("a", "b", ""),
    job: fc.constantFrom("a", ""),
  })
  .map((labels) => Labels.of(Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""))));

const file = fileOf();
const check = objectChecker(file, reading);

type Generated = typeof anObject extends fc.Arbitrary<infer T> ? T : never;

function configOf({ namespace, onlyNamespace, ...spec }: Generated, i: number): ObjectConfig {
  const receivers = [{ name: "x" }, { name: "y" }];
  const settings = settingsOf(
    { ...spec, receivers },
    {
      namespace,
      name: `o${i}`,
      onlyNamespace,
    },
  );
  const outcome = check(settings);
  if (!outcome.ok) throw new Error(outcome.problems.join("\n"));
  return outcome.config;
}

/** Returns the receivers of an alert if the given route were the only one below the root. */
function receiversAlone(route: ObjectConfig["route"], labels: Labels): readonly string[] {
  if (route === undefined) return [];
  const root = buildRoute({ ...file.route, routes: [route] });
  return matchRoutes(root, labels)
    .map((found) => found.receiver)
    .filter((name) => name !== "default");
}

test("an alert reaches the receivers that each object alone would choose, and then those of the file", () => {
  fc.assert(
    fc.property(
      fc.array(anObject, { maxLength: 5 }),
      fc.array(alert, { minLength: 1, maxLength: 5 }),
      (objects, alerts) => {
        const configs = objects.map(configOf);
        const route = buildRoute(mergedConfig(file, configs).route);
        for (const labels of alerts) {
          const ofObjects = configs.flatMap((config) => receiversAlone(config.route, labels));
          const ofFile = matchRoutes(buildRoute(file.route), labels).map((found) => found.receiver);
          // The receiver of the root route gets only alerts without another matching route.
          const isUnmatched = ofFile.length === 1 && ofFile[0] === "default";
          const expected = isUnmatched && ofObjects.length > 0 ? ofObjects : [...ofObjects, ...ofFile];
          expect(matchRoutes(route, labels).map((found) => found.receiver)).toEqual(expected);
        }
      },
    ),
    { numRuns: testCases(300, 5000), seed: testSeed() },
  );
});

test("an object that is restricted to its namespace gets and inhibits no alert of another namespace", () => {
  fc.assert(
    fc.property(anObject, alert, alert, (object, source, target) => {
      const config = configOf({ ...object, onlyNamespace: true }, 0);
      const isForeign = target.get("namespace") !== object.namespace;
      if (isForeign) expect(receiversAlone(config.route, target)).toEqual([]);
      const inhibits = config.inhibitRules.some(
        (rule) =>
          rule.source.every((each) => each.matches(source.get(each.name) ?? "")) &&
          rule.target.every((each) => each.matches(target.get(each.name) ?? "")),
      );
      if (isForeign || source.get("namespace") !== object.namespace) expect(inhibits).toBe(false);
      expect(() => new Inhibitor(config.inhibitRules)).not.toThrow();
    }),
    { numRuns: testCases(300, 5000), seed: testSeed() },
  );
});
