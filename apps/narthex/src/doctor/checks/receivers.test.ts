import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeSmtp, type SmtpBehavior } from "@narthex/receivers/testing";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { fakeContext, fakeNetwork, roleNamed } from "../testing/fake-context.ts";
import { receivers } from "./receivers.ts";

const folder = temporaryFolder();

async function run(integrations: string, places: readonly string[] = [], { global = "{}", signsIn = true } = {}) {
  const network = fakeNetwork({}, places);
  const role = roleNamed("alertmanager", { alertmanager: { file: "/a.yml", features: [] } });
  const files = { "/a.yml": `{global: ${global}, route: {receiver: r}, receivers: [{name: r, ${integrations}}]}` };
  return {
    findings: await receivers.run(fakeContext({ network, roles: [role], files, signsIn })),
    asked: network.requests,
  };
}

async function mail(behavior: SmtpBehavior, fields = "require_tls: false") {
  await using server = await fakeSmtp(behavior);
  const { findings } = await run(
    `email_configs: [{to: x@y.org, from: a@b.org, smarthost: 'localhost:${server.port}', ${fields}}]`,
  );
  return { finding: findings[0]!, findings, commands: [...server.commands], mails: server.mails.length };
}

const LOGIN = "require_tls: false, auth_username: me, auth_password: s3cret";

test("receivers: the check connects to a mail server and logs in, but sends no mail", async () => {
  const { findings, commands, mails } = await mail(
    { mechanisms: ["PLAIN"], username: "me", password: "s3cret" },
    LOGIN,
  );
  expect(findings).toMatchObject([{ level: "ok", what: expect.stringContaining("answers, and accepts the login") }]);
  expect(commands.map((line) => line.split(" ")[0])).toEqual(["EHLO", "AUTH", "QUIT"]);
  expect(mails).toBe(0);
});

test("receivers: the check logs in once for many integrations of one mail account, and again for another password", async () => {
  await using server = await fakeSmtp({ mechanisms: ["PLAIN"], replies: { AUTH: "535 no" } });
  const mailOf = (to: string, fields = ""): string => `{to: ${to}, html: ${to}${fields}}`;
  const mails = Array.from({ length: 20 }, (_, i) => mailOf(`m${i}@y.org`));
  const other = mailOf("z@y.org", ", auth_password: 0ther");
  const global = `{smtp_smarthost: 'localhost:${server.port}', smtp_from: a@b.org, smtp_require_tls: false, smtp_auth_username: me, smtp_auth_password: s3cret}`;
  const { findings } = await run(`email_configs: [${[...mails, other].join(", ")}]`, [], { global });
  expect(findings).toHaveLength(21);
  for (const finding of findings)
    expect(finding).toMatchObject({ level: "error", what: expect.stringContaining("535") });
  expect(server.commands.filter((line) => line.startsWith("AUTH"))).toHaveLength(2);
  expect(JSON.stringify(findings)).not.toMatch(/s3cret|0ther/);
});

test("receivers: without logins the check only connects to a mail server", async () => {
  await using server = await fakeSmtp({ mechanisms: ["PLAIN"], replies: { AUTH: "535 no" } });
  const email = `email_configs: [{to: x@y.org, from: a@b.org, smarthost: 'localhost:${server.port}', ${LOGIN}}]`;
  const { findings } = await run(email, [], { signsIn: false });
  expect(findings).toMatchObject([{ level: "ok", what: expect.stringContaining("answers; no login was tried") }]);
  expect(server.commands.map((line) => line.split(" ")[0])).toEqual(["EHLO", "QUIT"]);
});

test("receivers: a mail server that offers no login, although the configuration has one, is a warning", async () => {
  const { finding } = await mail({}, LOGIN);
  expect(finding).toMatchObject({
    level: "warning",
    what: expect.stringContaining("accepts no logins"),
    hint: expect.stringContaining("in /a.yml: smtp_require_tls: true"),
  });
});

test("receivers: unreadable files are errors; after an unreadable template the check continues", async () => {
  const roles = [
    roleNamed("alertmanager", { alertmanager: { file: "/a.yml", features: [] } }),
    roleNamed("server", { prometheus: { file: "/p.yml", features: [] } }),
  ];
  const files = { "/a.yml": "route: 7", "/p.yml": "nothing: 1" };
  expect(await receivers.run(fakeContext({ roles, files }))).toMatchObject([
    { level: "error", what: "not checked: /a.yml cannot be read" },
    { level: "error", what: "not checked: /p.yml cannot be read" },
  ]);
  const text =
    "{templates: [/t.tmpl], route: {receiver: r}, receivers: [{name: r, webhook_configs: [{url: 'http://a/'}]}]}";
  const context = fakeContext({
    network: fakeNetwork({}, ["a:80"]),
    roles: roles.slice(0, 1),
    files: { "/a.yml": text, "/t.tmpl": "{{ broken" },
  });
  const { alertmanager } = await context.configurations();
  expect(alertmanager[0]!.verdict.errors).toHaveLength(1);
  expect(await receivers.run(context)).toMatchObject([
    { level: "ok", what: expect.stringContaining("the connection to") },
  ]);
});

test.each([
  [{ mechanisms: ["PLAIN"], replies: { AUTH: "535 no" } }, LOGIN, "535", "correct smtp_auth_username"],
  [{}, "require_tls: true", "STARTTLS", "587 or 465"],
  [{ replies: { CONNECT: "554 go away" } }, "require_tls: false", "554", "log"],
  [
    { mechanisms: ["PLAIN"] },
    "require_tls: false, auth_username: me, auth_password_file: /none/password",
    "/none/password",
    "chmod 600",
  ],
] as const)("receivers: a mail server %j is an error with a hint", async (behavior, fields, what, hint) => {
  const { finding } = await mail(behavior, fields);
  expect(finding).toMatchObject({
    level: "error",
    what: expect.stringContaining(what),
    hint: expect.stringContaining(hint),
  });
  expect(JSON.stringify(finding)).not.toContain("s3cret");
});

test("receivers: an error if no mail server listens at the port", async () => {
  await using server = await fakeSmtp({});
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const { findings } = await run(`email_configs: [{to: x@y.org, from: a@b.org, smarthost: 'localhost:${port}'}]`);
  expect(findings).toMatchObject([
    {
      level: "error",
      what: expect.stringContaining("connection refused"),
      hint: expect.stringContaining("start the program"),
    },
  ]);
});

test.each([
  ["webhook_configs: [{url: 'https://hooks.example.org/s3cret'}]", "tls hooks.example.org:443"],
  ["webhook_configs: [{url: 'http://[::1]:5001/'}]", "::1:5001"],
  ["slack_configs: [{api_url: 'https://hooks.slack.com/services/s3cret'}]", "tls hooks.slack.com:443"],
  ["slack_configs: [{app_token: s3cret, channel: a}]", "tls slack.com:443"],
  ["pagerduty_configs: [{routing_key: s3cret}]", "tls events.pagerduty.com:443"],
  ["pushover_configs: [{user_key: u, token: s3cret}]", "tls api.pushover.net:443"],
  ["webhook_configs: [{url: 'https://a/', http_config: {proxy_url: 'http://proxy:3128'}}]", "proxy:3128"],
])("receivers: %s is connected to, no more", async (integration, place) => {
  const { findings, asked } = await run(integration, [place]);
  expect(findings).toMatchObject([{ level: "ok" }]);
  expect(asked).toEqual([place]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
  const refused = await run(integration);
  expect(refused.findings).toMatchObject([{ level: "error", what: expect.stringContaining("no connection to") }]);
  expect(JSON.stringify(refused.findings)).not.toContain("s3cret");
});

test("receivers: a service behind the environment's proxy is not checked", async () => {
  const role = roleNamed("alertmanager", { alertmanager: { file: "/a.yml", features: [] } });
  const webhook = "{url: 'https://a/', http_config: {proxy_from_environment: true}}";
  const files = { "/a.yml": `{route: {receiver: r}, receivers: [{name: r, webhook_configs: [${webhook}]}]}` };
  const context = fakeContext({ roles: [role], files });
  const env = { https_proxy: "http://proxy:3128" };
  const proxied = await receivers.run({ ...context, host: { ...context.host, env } });
  expect(proxied).toMatchObject([{ level: "ok", what: expect.stringContaining("the environment's proxy") }]);
  expect(await receivers.run(context)).toMatchObject([{ level: "error" }]);
});

test("receivers: the URL in a file is used, and a missing file is named", async () => {
  const file = join(folder, "webhook");
  writeFileSync(file, "https://hooks.slack.com/services/s3cret\n");
  const place = "tls hooks.slack.com:443";
  expect((await run(`slack_configs: [{api_url_file: ${file}}]`, [place])).asked).toEqual([place]);
  expect((await run(`slack_configs: [{api_url_file: ${folder}/none}]`)).findings).toMatchObject([
    {
      level: "error",
      what: expect.stringContaining(`${folder}/none`),
      hint: expect.stringContaining("write the file"),
    },
  ]);
});

test("receivers: a configuration that notifies no one is reported", async () => {
  expect((await run("webhook_configs: []")).findings).toMatchObject([
    { level: "ok", what: expect.stringContaining("no receiver of /a.yml sends notifications") },
  ]);
});

test.each([
  [{ "http://am:9093/x/api/v2/status": { body: "{}" } }, "ok", "answers"],
  [{ "http://am:9093/x/api/v2/status": { status: 404 } }, "error", "answers 404"],
  [{}, "error", "cannot be reached"],
])("receivers: an Alertmanager of the server with pages %j is %s", async (pages, level, what) => {
  const role = roleNamed("server", { prometheus: { file: "/p.yml", features: [] } });
  const files = {
    "/p.yml": "alerting: {alertmanagers: [{path_prefix: /x/, static_configs: [{targets: ['am:9093']}]}]}",
  };
  const findings = await receivers.run(fakeContext({ network: fakeNetwork(pages), roles: [role], files }));
  expect(findings).toMatchObject([{ level, what: expect.stringContaining(what) }]);
});

test("receivers: the password in an Alertmanager's address is not shown", async () => {
  const role = roleNamed("server", { prometheus: { file: "/p.yml", features: [] } });
  const files = { "/p.yml": "alerting: {alertmanagers: [{static_configs: [{targets: ['u:s3cret@am:9093']}]}]}" };
  const findings = await receivers.run(fakeContext({ network: fakeNetwork({}), roles: [role], files }));
  expect(findings).toMatchObject([{ what: expect.stringContaining("Alertmanager http://u:***@am:9093") }]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
});
