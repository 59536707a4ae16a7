import { decodeYaml, type JsonValue, printYaml, printYamlInSteps, type PrintableMap } from "@narthex/config";
import { everyReceiver, settingsOf } from "@narthex/discovery/testing";
import { expect, test } from "vitest";
import { type AlertmanagerConfig, configSection } from "../alertmanager-config.ts";
import { mergedConfig, mergedPrintable } from "./merged-config.ts";
import { objectChecker, type ObjectConfig } from "./object-config.ts";

const reading = { mode: "fallback", warn: () => undefined } as const;
const shape = configSection(reading);

function fileOf(text: string): AlertmanagerConfig {
  const loaded = decodeYaml(text, "alertmanager.yml", shape);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
}

const FILE = `
global:
  smtp_smarthost: mail.example.org:587
  smtp_from: am@example.org
  smtp_auth_username: global-user
  smtp_auth_password: global-secret
  opsgenie_api_key: global-secret
  victorops_api_key: global-secret
  wechat_api_secret: global-secret
  wechat_api_corp_id: corp
  slack_api_url: https://slack.example/global-secret
  telegram_bot_token: global-secret
  http_config:
    authorization: {credentials: global-secret}
    http_headers: {X-Key: {secrets: [global-secret]}}
    proxy_url: http://proxy:3128
route: {receiver: default, routes: [{receiver: default, matchers: [a="b"]}]}
receivers: [{name: default}, {name: shop/taken/a}]
time_intervals: [{name: shop/taken/night, time_intervals: [{years: ['2026']}]}]
`;
const file = fileOf(FILE);
const check = objectChecker(file, reading);

const withReceiver = (receiver: Readonly<Record<string, JsonValue>>, name = "web") =>
  check(settingsOf({ route: { receiver: "a" }, receivers: [{ name: "a", ...receiver }] }, { name }));

function configOf(outcome: ReturnType<typeof check>): ObjectConfig {
  if (!outcome.ok) throw new Error(outcome.problems.join("\n"));
  return outcome.config;
}

const SECRET = /S-|C-|global-secret/;

test("a receiver of every kind with every field is valid, and its printed form contains no secret", async () => {
  const config = configOf(check(settingsOf({ route: { receiver: "all" }, receivers: [everyReceiver] })));
  expect(config.receivers[0]!.integrations).toHaveLength(20);
  const printed = mergedPrintable(shape.encode(file) as PrintableMap, [config]);
  const text = printYaml(printed);
  expect(text).toContain("shop/web/all");
  expect(text).not.toMatch(SECRET);
  expect(await printYamlInSteps(printed, () => undefined)).toBe(text);
  expect(decodeYaml(text, "printed", shape)).toMatchObject({ ok: true });
});

test("problems and the printed form of an object do not contain a value of a Secret, whatever the Secret contains", () => {
  const integrations: readonly Readonly<Record<string, JsonValue>>[] = [
    { webhook_configs: [{ url: "http://hook/S-1\nS-2" }] },
    { webhook_configs: [{ url: "{{ S-1 }}" }] },
    { slack_configs: [{ channel: "c", api_url: "http://hook/\u0000S-1" }] },
    { discord_configs: [{ webhook_url: "S-1\nS-2" }] },
    { msteamsv2_configs: [{ webhook_url: "S-1\nS-2" }] },
  ];
  const outcomes = integrations.map((integration) =>
    check({ ...settingsOf({ route: { receiver: "a" } }), receivers: [{ name: "shop/web/a", ...integration }] }),
  );
  for (const outcome of outcomes) {
    expect(JSON.stringify(outcome)).toContain(
      "is no valid URL; its value is not shown, because it may come from a Secret",
    );
    expect(JSON.stringify(outcome)).not.toMatch(SECRET);
  }
  const tls = { ca: "S-1", cert: "S-2", key: "S-3" };
  const config = configOf(
    check({
      ...settingsOf({ route: { receiver: "a" } }),
      receivers: [
        {
          name: "shop/web/a",
          webhook_configs: [{ url: "http://hook/", http_config: { tls_config: tls } }],
          email_configs: [{ to: "a@example.org", tls_config: tls }],
        },
      ],
    }),
  );
  const text = printYaml(mergedPrintable(shape.encode(file) as PrintableMap, [config]));
  expect(text).toContain("ca: <secret>");
  expect(text).not.toMatch(SECRET);
});

test("the printed merged configuration is that of a file with the same contents", async () => {
  const spec: JsonValue = {
    route: { receiver: "a", groupBy: ["job"], routes: [{ matchers: [{ name: "a", value: "b" }] }] },
    receivers: [{ name: "a", webhookConfigs: [{ url: "http://hook.example/" }] }],
    inhibitRules: [{ sourceMatch: [{ name: "a", value: "b" }], equal: ["job"] }],
    muteTimeIntervals: [{ name: "n", timeIntervals: [{ months: ["1:3"] }] }],
  };
  for (const text of [FILE, "{route: {receiver: x}, receivers: [{name: x}]}"]) {
    const base = fileOf(text);
    const checked = objectChecker(base, reading);
    const objects = ["web", "app"].map((name) => configOf(checked(settingsOf(spec, { name }))));
    const expected = printYaml(shape.encode(mergedConfig(base, objects)));
    const printed = mergedPrintable(shape.encode(base) as PrintableMap, objects);
    expect(printYaml(printed)).toBe(expected);
    expect(await printYamlInSteps(printed, () => undefined)).toBe(expected);
    expect(printYaml(mergedPrintable(shape.encode(base) as PrintableMap, []))).toBe(printYaml(shape.encode(base)));
  }
});

test("credentials of global are used only for integrations without an address of their own", () => {
  const own = { name: "keys", key: "own" };
  expect(configOf(withReceiver({ opsgenieConfigs: [{}] })).receivers[0]!.integrations[0]!.config).toMatchObject({
    apiUrl: file.global.opsgenieApiUrl,
    apiKey: file.global.opsgenieApiKey,
  });
  expect(configOf(withReceiver({ emailConfigs: [{ to: "a@b" }] })).receivers[0]!.integrations[0]!.config).toMatchObject(
    { smarthost: "mail.example.org:587", authPassword: file.global.smtpAuthPassword },
  );
  const refused: readonly Readonly<Record<string, JsonValue>>[] = [
    { opsgenieConfigs: [{ apiURL: "https://mine.example/" }] },
    { opsgenieConfigs: [{ httpConfig: { proxyURL: "http://mine.example" } }] },
    { victoropsConfigs: [{ apiUrl: "https://mine.example/", routingKey: "r" }] },
    { wechatConfigs: [{ apiURL: "https://mine.example/" }] },
    { slackConfigs: [{ httpConfig: { tlsConfig: { insecureSkipVerify: true } } }] },
    { telegramConfigs: [{ apiURL: "https://mine.example/", chatID: 1 }] },
  ];
  for (const receiver of refused) {
    const outcome = withReceiver(receiver);
    expect(outcome.ok ? "accepted" : outcome.problems.join()).toContain("credentials of global are not used");
  }
  const accepted: readonly Readonly<Record<string, JsonValue>>[] = [
    { opsgenieConfigs: [{ apiURL: "https://mine.example/", apiKey: own }] },
    { emailConfigs: [{ to: "a@b", smarthost: "mine.example:25" }] },
    { emailConfigs: [{ to: "a@b", tlsConfig: { insecureSkipVerify: true } }] },
    { webhookConfigs: [{ url: "http://mine.example/" }] },
    { discordConfigs: [{ apiURL: { name: "keys", key: "url" } }] },
  ];
  for (const receiver of accepted) {
    const { config } = configOf(withReceiver(receiver)).receivers[0]!.integrations[0]!;
    expect(JSON.stringify(config, revealed)).not.toMatch(/global-(?:secret|user)/);
    if (!("smarthost" in config)) expect(config).toMatchObject({ httpConfig: { proxyUrl: "http://proxy:3128" } });
  }
});

/** Shows secrets and maps in JSON. */
const revealed = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return [...value];
  const secret = value as { reveal?: () => string } | null;
  return typeof secret?.reveal === "function" ? secret.reveal() : value;
};

test.each([
  [{ route: { receiver: "missing" }, receivers: [] }, 'route: undefined receiver "shop/web/missing" used in route'],
  [
    { route: { receiver: "a", muteTimeIntervals: ["n"] }, receivers: [{ name: "a" }] },
    'route: undefined time interval "shop/web/n" used in route',
  ],
  [{ route: { receiver: "default" }, receivers: [] }, 'undefined receiver "shop/web/default"'],
  [{ route: { receiver: "a" }, receivers: [{ name: "a" }, { name: "a" }] }, 'receiver "shop/web/a" is not unique'],
  [{ route: { receiver: "a", groupBy: ["a", "a"] }, receivers: [{ name: "a" }] }, 'route: duplicated label "a"'],
  [{ route: { receiver: "a", groupWait: "x" }, receivers: [{ name: "a" }] }, "route: "],
  [
    { route: { receiver: "a", matchers: [{ name: "a", value: "(", matchType: "=~" }] }, receivers: [{ name: "a" }] },
    "route: ",
  ],
  [{ route: { receiver: "a" }, receivers: [{ name: "a", webhookConfigs: [{}] }] }, "receivers[0].webhook_configs[0]: "],
  [
    { route: { receiver: "a" }, receivers: [{ name: "a", emailConfigs: [{}] }] },
    "receivers[0].email_configs[0]: missing to address",
  ],
  [{ inhibitRules: [{ equal: [""] }] }, "inhibitRules[0]: "],
  [
    {
      route: { receiver: "a" },
      receivers: [{ name: "a" }],
      muteTimeIntervals: [{ name: "n", timeIntervals: [{ times: [{ startTime: "25:00", endTime: "26:00" }] }] }],
    },
    "time intervals[0]: ",
  ],
] as const)("%j is refused: %s", (spec, reason) => {
  const outcome = check(settingsOf(spec));
  expect(outcome.ok ? "accepted" : outcome.problems.join()).toContain(reason);
});

test("an object whose receiver or time interval exists in the file is refused", () => {
  const receiver = withReceiver({}, "taken");
  expect(receiver).toEqual({
    ok: false,
    problems: ['receiver "shop/taken/a" already exists in the configuration file'],
  });
  const intervals = [{ name: "night", timeIntervals: [] }];
  const spec = { route: { receiver: "b" }, receivers: [{ name: "b" }], muteTimeIntervals: intervals };
  expect(check(settingsOf(spec, { name: "taken" }))).toEqual({
    ok: false,
    problems: ['time interval "shop/taken/night" already exists in the configuration file'],
  });
});
