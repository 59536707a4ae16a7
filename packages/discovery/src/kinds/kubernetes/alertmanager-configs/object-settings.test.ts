import type { JsonValue } from "@narthex/config";
import { expect, test } from "vitest";
import type { FieldTable } from "./receivers/field-table.ts";
import { receiverFields } from "./receivers/registry.ts";
import { everyReceiver, REFUSED_FIELDS } from "./testing/every-receiver.ts";
import { settingsOf } from "./testing/settings-of.ts";

const withReceiver = (receiver: JsonValue): JsonValue => ({ route: { receiver: "a" }, receivers: [receiver] });

test("every field of every receiver is written to its field of alertmanager.yml", async () => {
  const { receivers } = settingsOf({ route: { receiver: "all" }, receivers: [everyReceiver] });
  await expect(`${JSON.stringify(receivers, null, 2)}\n`).toMatchFileSnapshot("every-receiver.txt");
});

test("the receiver of the test above has every field of the tables", () => {
  const given = new Set<string>(REFUSED_FIELDS);
  const collect = (value: JsonValue, path: string): void => {
    if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) collect(item, path);
    else if (typeof value === "object" && value !== null)
      for (const [key, child] of Object.entries(value)) {
        const at = path === "" ? key : `${path}.${key}`;
        given.add(at);
        collect(child, at);
      }
  };
  collect(everyReceiver, "");
  const missing = pathsOf(receiverFields).filter((path) => !given.has(path));
  expect(missing).toEqual([]);
});

/** Returns the paths of all fields of a table. */
const pathsOf = (table: FieldTable): string[] =>
  [...table].flatMap(([key, { table: inner }]) => [
    key,
    ...(inner === undefined ? [] : pathsOf(inner).map((path) => `${key}.${path}`)),
  ]);

test("routes, inhibition rules and time intervals are named and restricted as the operator does it", () => {
  const spec = (intervals: string, matcher: JsonValue): JsonValue => ({
    route: {
      receiver: "a",
      groupBy: ["job"],
      groupWait: "1s",
      groupInterval: "0s",
      repeatInterval: "2h",
      matchers: [matcher, { name: "b", value: 'x"\\\n', matchType: "!=" }],
      routes: [
        { matchers: [{ name: "c", value: "d" }], continue: true, muteTimeIntervals: ["night"] },
        { receiver: "b", activeTimeIntervals: ["night"], routes: [{}] },
      ],
    },
    receivers: [{ name: "a" }, { name: "b" }],
    inhibitRules: [
      { sourceMatch: [{ name: "s", value: "1" }], targetMatch: [{ name: "namespace", value: "shop" }], equal: ["job"] },
    ],
    [intervals]: [
      {
        name: "night",
        timeIntervals: [
          {
            times: [{ startTime: "22:00", endTime: "24:00" }],
            weekdays: ["1:5", "Sunday"],
            daysOfMonth: [
              { start: 1, end: 5 },
              { start: -3, end: -1 },
            ],
            months: ["january:3"],
            years: ["2026"],
          },
        ],
      },
    ],
  });
  const expected = {
    route: {
      receiver: "shop/web/a",
      group_by: ["job"],
      group_wait: "1s",
      repeat_interval: "2h",
      matchers: ['a=~"x|y"', 'b!="x\\"\\\\\\n"', 'namespace="shop"'],
      continue: true,
      routes: [
        { matchers: ['c="d"'], continue: true, mute_time_intervals: ["shop/web/night"] },
        { receiver: "shop/web/b", active_time_intervals: ["shop/web/night"], routes: [{}] },
      ],
    },
    receivers: [{ name: "shop/web/a" }, { name: "shop/web/b" }],
    inhibitRules: [
      { source_matchers: ['s="1"', 'namespace="shop"'], target_matchers: ['namespace="shop"'], equal: ["job"] },
    ],
    muteTimeIntervals: [
      {
        name: "shop/web/night",
        time_intervals: [
          {
            times: [{ start_time: "22:00", end_time: "24:00" }],
            weekdays: ["monday:friday", "Sunday"],
            days_of_month: ["1:5", "-3:-1"],
            months: ["january:3"],
            years: ["2026"],
          },
        ],
      },
    ],
  };
  expect(settingsOf(spec("muteTimeIntervals", { name: "a", value: "x|y", regex: true }))).toEqual(expected);
  const newer = spec("timeIntervals", { name: "a", value: "x|y", matchType: "=~" });
  expect(settingsOf(newer, { version: "v1beta1" })).toEqual(expected);
});

test("without the restriction, no matcher is added; a route always continues", () => {
  const spec = { route: { receiver: "a", continue: false }, receivers: [{ name: "a" }], inhibitRules: [{}] };
  const { inhibitRules, route } = settingsOf(spec, { onlyNamespace: false });
  expect(route).toEqual({ receiver: "shop/web/a", matchers: [], continue: true });
  expect(inhibitRules).toEqual([{ source_matchers: [], target_matchers: [] }]);
});

test("an object without a route adds only its inhibition rules", () => {
  const { inhibitRules, ...rest } = settingsOf({ receivers: [{ name: "a" }], inhibitRules: [{}] });
  expect(inhibitRules).toHaveLength(1);
  expect(rest).toEqual({ route: undefined, receivers: [], muteTimeIntervals: [] });
});

const deepRoute = (depth: number): JsonValue => {
  let route: JsonValue = {};
  for (let i = 0; i < depth; i++) route = { routes: [route] };
  return route;
};

const refusals: readonly (readonly [JsonValue, string])[] = [
  [{ route: {} }, "route.receiver is missing"],
  [{ route: [] }, "route is not an object"],
  [{ route: { receiver: "a", mute: 1 } }, "route.mute is not known"],
  [{ route: { receiver: "a", routes: ["x"] } }, "route.routes[0] is not an object"],
  [{ route: { receiver: "a", routes: [{ labels: {} }] } }, "route.routes[0].labels is not known"],
  [{ route: { receiver: "a", routes: [deepRoute(50)] } }, "nested more than 32 deep"],
  [{ route: { receiver: "a", matchers: [{ value: "b" }] } }, 'route.matchers[0].name "" is not the name of a label'],
  [{ route: { receiver: "a", matchers: [{ name: 'a="",b', value: "" }] } }, "is not the name of a label"],
  [{ route: { receiver: "a", matchers: [{ name: "a", matchType: "==" }] } }, 'route.matchers[0].matchType "=="'],
  [{ muteTimeIntervals: [{}] }, "muteTimeIntervals[0].name is missing"],
  [{ receivers: [{}] }, "receivers[0].name is missing"],
  [{ receivers: [{ name: "a", mattermostConfigs: [] }] }, "receivers[0].mattermostConfigs is not known"],
  [{ templates: ["/etc/passwd"] }, "templates is not known"],
  [{ global: {} }, "global is not known"],
  [withReceiver({ name: "a", webhookConfigs: [{ urlFile: "/etc/passwd" }] }), "webhookConfigs[0].urlFile is not known"],
  [withReceiver({ name: "a", telegramConfigs: [{ botTokenFile: "/x" }] }), "botTokenFile names a file"],
  [withReceiver({ name: "a", pushoverConfigs: [{ tokenFile: "/x" }] }), "tokenFile names a file"],
  [withReceiver({ name: "a", pushoverConfigs: [{ userKeyFile: "/x" }] }), "userKeyFile names a file"],
  [withReceiver({ name: "a", snsConfigs: [{ sigv4: { profile: "x" } }] }), "sigv4.profile names credentials in a file"],
  [
    withReceiver({ name: "a", webhookConfigs: [{ httpConfig: { tlsConfig: { caFile: "/x" } } }] }),
    "receivers[0].webhookConfigs[0].httpConfig.tlsConfig.caFile names a file",
  ],
  [
    withReceiver({ name: "a", webhookConfigs: [{ httpConfig: { oauth2: { tlsConfig: { keyFile: "/x" } } } }] }),
    "oauth2.tlsConfig.keyFile names a file",
  ],
  [
    withReceiver({ name: "a", webhookConfigs: [{ httpConfig: { bearerTokenFile: "/x" } }] }),
    "bearerTokenFile is not known",
  ],
  [withReceiver({ name: "a", emailConfigs: [{ tlsConfig: { certFile: "/x" } }] }), "tlsConfig.certFile names a file"],
  [
    withReceiver({ name: "a", slackConfigs: [{ apiURL: { name: "other", key: "k" } }] }),
    'receivers[0].slackConfigs[0].apiURL: secret "other" not found',
  ],
  [
    withReceiver({ name: "a", slackConfigs: [{ apiURL: { name: "keys", key: "k", namespace: "other" } }] }),
    "receivers[0].slackConfigs[0].apiURL.namespace is not known",
  ],
  [withReceiver({ name: "a", slackConfigs: [{ channel: 7 }] }), "receivers[0].slackConfigs[0].channel is not a text"],
  [withReceiver({ name: "a", telegramConfigs: [{ chatID: "7" }] }), "chatID is not a whole number"],
  [withReceiver({ name: "a", emailConfigs: [{ threading: { threadByDate: "x" } }] }), 'threadByDate "x" is neither'],
  [
    withReceiver({ name: "a", emailConfigs: [{ headers: [{ key: "To" }, { key: "TO" }] }] }),
    'headers has the header "to" twice',
  ],
  [withReceiver({ name: "a", constructor: [] }), "receivers[0].constructor is not known"],
  [{ receivers: [{ name: "x".repeat(300_000) }] }, "divide it into several objects"],
];

test.each(refusals)("%j is refused: %s", (spec, reason) => {
  expect(() => settingsOf(spec)).toThrow(reason);
});

test("fields of one version are refused in the other", () => {
  const opsgenie = withReceiver({ name: "a", opsgenieConfigs: [{ updateAlerts: true }] });
  expect(() => settingsOf(opsgenie, { version: "v1beta1" })).toThrow("updateAlerts exists only in v1alpha1");
  const matcher = { route: { receiver: "a", matchers: [{ name: "a", value: "b", regex: true }] } };
  expect(() => settingsOf(matcher, { version: "v1beta1" })).toThrow("route.matchers[0].regex is not known in v1beta1");
  expect(() => settingsOf({ muteTimeIntervals: [] }, { version: "v1beta1" })).toThrow(
    "muteTimeIntervals is not known in v1beta1",
  );
  expect(() => settingsOf({ timeIntervals: [] })).toThrow("timeIntervals is not known in v1alpha1");
});

test.each(["a/b", "..", "", "A", "a b", "a\n"])("an object with the name %j is refused", (name) => {
  expect(() => settingsOf({}, { name })).toThrow("is not a valid name");
  expect(() => settingsOf({}, { namespace: name })).toThrow("is not a valid name");
});
