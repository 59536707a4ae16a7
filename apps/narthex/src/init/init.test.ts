import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diskFiles } from "@narthex/config";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { readAlertmanager } from "../config-check/alertmanager-problems.ts";
import { readPrometheus } from "../config-check/prometheus-problems.ts";
import { runInit } from "./init.ts";
import type { Terminal } from "./terminal.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

/** Runs `narthex init`. Without `terminal`, no questions are asked. */
async function init(args: readonly string[], terminal?: Terminal) {
  const host = testHost(args, { cwd: folder });
  const status = await runInit(host, { terminal });
  return { status, ...host.output };
}

/** Returns a fake terminal. Each question gets the next of these answers. */
function typing(answers: readonly string[]) {
  const rest = [...answers];
  const seen: string[] = [];
  const next = (prompt: string): Promise<string> => {
    seen.push(prompt);
    const answer = rest.shift();
    if (answer === undefined) throw new Error(`no answer is left for: ${prompt}`);
    return Promise.resolve(answer);
  };
  const terminal: Terminal = {
    prompt: next,
    promptSecret: (prompt) => next(`secretly: ${prompt}`),
    say: (text) => void seen.push(text),
    close: () => undefined,
  };
  return { terminal, seen, rest };
}

/** Reads the generated prometheus.yml with promtool's checker, and the generated alertmanager.yml with amtool's. */
async function readBack(where: string) {
  const host = testHost([]);
  const prometheus = await readPrometheus(join(where, "prometheus.yml"), { host, files: diskFiles });
  const alertmanager = await readAlertmanager(join(where, "alertmanager.yml"), { host, files: diskFiles });
  expect([prometheus.errors, prometheus.warnings, alertmanager.errors, alertmanager.warnings]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  return { prometheus: prometheus.config!, alertmanager: alertmanager.config! };
}

const read = (path: string): string => readFileSync(join(folder, path), "utf8");
const modeOf = (path: string): number => statSync(join(folder, path)).mode & 0o777;

test("init without answers writes the files that `up` needs, and both checkers accept them", async () => {
  const { status, stdout, stderr } = await init([]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("narthex up --config-dir=narthex-config");
  const { prometheus, alertmanager } = await readBack(join(folder, "narthex-config"));
  expect(prometheus.scrapeConfigs.map(({ jobName }) => jobName)).toEqual([
    "prometheus",
    "alertmanager",
    "dashboards",
    "pushgateway",
    "node",
  ]);
  expect(alertmanager.receivers.map(({ integrations }) => integrations.length)).toEqual([0]);
  expect(read("narthex-config/rules/host.yml")).toContain("alert: TargetDown");
  expect(read("narthex-config/dashboards/provisioning/datasources/narthex.yaml")).toContain("timeInterval: 15s");
  expect(existsSync(join(folder, "narthex-config/secrets"))).toBe(false);
});

test.each([
  ["/usr/bin/narthex", "narthex up --config-dir"],
  ["/opt/my narthex/bin/narthex", "'/opt/my narthex/bin/narthex' up --config-dir"],
])("the next step of a program at %s is a command that a shell finds", async (launcher, command) => {
  const host = testHost(["--yes"], { cwd: folder, env: { NARTHEX_LAUNCHER: launcher, PATH: "/bin:/usr/bin" } });
  expect([await runInit(host), host.output.stdout]).toEqual([0, expect.stringContaining(`  ${command}`)]);
});

test("init --version prints the version", async () => {
  expect(await init(["--version"])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^narthex, version /) });
});

test("--no-host leaves out the node exporter's job and its rules", async () => {
  await init(["--no-host", "out"]);
  const { prometheus } = await readBack(join(folder, "out"));
  expect(prometheus.scrapeConfigs.map(({ jobName }) => jobName)).not.toContain("node");
  expect(readdirSync(join(folder, "out/rules"))).toEqual(["targets.yml"]);
});

test("flags are written into the files, and for secrets only the names of their files", async () => {
  writeFileSync(join(folder, "password"), "s3cret\n");
  writeFileSync(join(folder, "webhook"), "https://hooks.slack.com/services/T/B/x\n");
  const { status, stderr } = await init([
    "--job=shop=localhost:8000,[::1]:8001/m",
    "--job=yes=https://a.example.org:443",
    "--email-to=a@example.org,b@example.org",
    "--smtp=mail.example.org:587",
    "--smtp-user=alerts",
    "--smtp-password-file=password",
    "--slack-webhook-file=webhook",
    "--slack-channel=#alerts",
    "--port-offset=1000",
    "out",
  ]);
  expect([status, stderr]).toEqual([0, ""]);
  const { prometheus, alertmanager } = await readBack(join(folder, "out"));
  const targets = prometheus.scrapeConfigs.flatMap(({ staticConfigs }) => staticConfigs[0]!.targets);
  expect(targets).toEqual([
    "localhost:10090",
    "localhost:10093",
    "localhost:4000",
    "localhost:10091",
    "localhost:10100",
    "localhost:8000",
    "[::1]:8001",
    "a.example.org:443",
  ]);
  expect(prometheus.scrapeConfigs.slice(-2)).toMatchObject([
    { jobName: "shop", metricsPath: "/m", scheme: "http" },
    { jobName: "yes", metricsPath: "/metrics", scheme: "https" },
  ]);
  expect(alertmanager.global).toMatchObject({
    smtpSmarthost: "mail.example.org:587",
    smtpFrom: "a@example.org",
    smtpAuthUsername: "alerts",
    smtpAuthPasswordFile: join(folder, "password"),
    smtpRequireTls: true,
  });
  expect(alertmanager.receivers[0]!.integrations.map(({ config }) => config)).toMatchObject([
    { to: "a@example.org, b@example.org", sendResolved: true },
    { apiUrlFile: join(folder, "webhook"), channel: "#alerts", sendResolved: true },
  ]);
  expect(read("out/alertmanager.yml")).not.toContain("s3cret");
});

test.each([
  [["--job=shop"], "--job: job"],
  [["--job=node=a:1"], "is a job of the stack itself"],
  [["--job=a=x:1", "--job=a=y:1"], "two jobs have the name"],
  [["--email-to=a@b.org"], "add --smtp=HOST:PORT"],
  [["--smtp=mail:25"], "has no effect without --email-to"],
  [["--email-to=a@b.org", "--smtp=mail:25", "--smtp-user=u"], "add --smtp-password-file=FILE"],
  [["--email-to=a@b.org", "--smtp=mail:25", "--smtp-user=u", "--smtp-password-file=none"], "cannot be read"],
  [["--slack-channel=#a"], "has no effect without --slack-webhook-file"],
  [["--port-offset=60000"], "choose one from"],
  [["a", "b"], "unexpected b"],
])("init %j is refused, and nothing is written", async (args, reason) => {
  const { status, stdout, stderr } = await init(args);
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(reason);
  expect(readdirSync(folder)).toEqual([]);
});

test("init overwrites nothing and names existing files before it asks; --force keeps copies", async () => {
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/prometheus.yml"), "mine");
  const { terminal, seen } = typing([]);
  const refused = await init(["out"], terminal);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(join(folder, "out/prometheus.yml"));
  expect(refused.stderr).toContain("--force");
  expect(seen).toEqual([]);
  expect(readdirSync(join(folder, "out"))).toEqual(["prometheus.yml"]);
  const first = await init(["out", "--force"]);
  expect(first.stdout).toContain("out/prometheus.yml (what was there: out/prometheus.yml.bak)");
  const second = read("out/prometheus.yml");
  await init(["out", "--force"]);
  expect([read("out/prometheus.yml.bak"), read("out/prometheus.yml.bak.2")]).toEqual(["mine", second]);
});

test("if one file cannot be written, all files stay unchanged", async () => {
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/dashboards"), "a file, but must be a folder");
  writeFileSync(join(folder, "out/alertmanager.yml"), "mine");
  mkdirSync(join(folder, "out/rules"));
  writeFileSync(join(folder, "out/rules/host.yml"), "# mine too\n");
  const { status, stderr } = await init(["out", "--force"]);
  expect([status, stderr]).toEqual([1, expect.stringContaining("nothing was written")]);
  expect(readdirSync(join(folder, "out")).toSorted()).toEqual(["alertmanager.yml", "dashboards", "rules"]);
  expect(readdirSync(join(folder, "out/rules"))).toEqual(["host.yml"]);
  expect([read("out/alertmanager.yml"), read("out/rules/host.yml")]).toEqual(["mine", "# mine too\n"]);
});

test("a failed init removes the folders that it made", async () => {
  writeFileSync(join(folder, "file"), "a file, but must be a folder");
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/dashboards"), "a file, but must be a folder");
  expect((await init(["out"])).stderr).toContain("nothing was written");
  expect(readdirSync(join(folder, "out"))).toEqual(["dashboards"]);
  expect((await init(["file/out"])).stderr).toContain("nothing was written");
  expect(readdirSync(folder).toSorted()).toEqual(["file", "out"]);
});

test("a problem of the whole folder is reported, and nothing is written", async () => {
  mkdirSync(join(folder, "out/rules"), { recursive: true });
  writeFileSync(join(folder, "out/rules/mine.yml"), "groups: [{name: a, rules: [{alert: A, expr: 'up ='}]}]");
  const { status, stderr } = await init(["out"]);
  expect(status).toBe(1);
  expect(stderr).toContain("rules/mine.yml:1:");
  expect(readdirSync(join(folder, "out"))).toEqual(["rules"]);
});

test("init asks for values without a flag, and repeats the question with the reason after an invalid answer", async () => {
  const { terminal, seen, rest } = typing([
    "y",
    "shop",
    "shop=localhost:8000",
    "",
    "me@example.org",
    "mail",
    "mail.example.org:587",
    "",
    "alerts",
    " p",
    "p w",
    "maybe",
    "n",
    "https://hooks.slack.com/services/T/B/x",
    "#alerts",
  ]);
  const { status, stderr } = await init(["out"], terminal);
  expect([status, stderr, rest]).toEqual([0, "", []]);
  expect(seen.filter((line) => line.startsWith("  "))).toEqual([
    expect.stringContaining("has no name"),
    expect.stringContaining("is not an address"),
    expect.stringContaining("must not have control characters"),
    expect.stringContaining("answer y or n"),
  ]);
  expect(seen.filter((line) => line.startsWith("secretly:"))).toHaveLength(3);
  const { prometheus, alertmanager } = await readBack(join(folder, "out"));
  expect(prometheus.scrapeConfigs.at(-1)!.jobName).toBe("shop");
  expect(alertmanager.global).toMatchObject({
    smtpFrom: "me@example.org",
    smtpRequireTls: false,
    smtpAuthPasswordFile: join(folder, "out/secrets/smtp-password"),
  });
  expect([read("out/secrets/smtp-password"), read("out/secrets/slack-webhook")]).toEqual([
    "p w",
    "https://hooks.slack.com/services/T/B/x",
  ]);
  expect([modeOf("out/secrets"), modeOf("out/secrets/smtp-password")]).toEqual([0o700, 0o600]);
  expect(read("out/secrets/.gitignore")).toMatch(/^\*$/m);
});

test("--yes asks nothing", async () => {
  const { terminal, seen } = typing([]);
  expect((await init(["--yes"], terminal)).status).toBe(0);
  expect(seen).toEqual([]);
});

const word = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}[A-Za-z0-9_]$/);
const address = fc.tuple(word, fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `${host}:${port}`);
const line = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .filter((text) => text === text.trim() && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text));
const job = fc.record({
  name: line.filter((text) => !text.includes("=")),
  targets: fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
  path: fc.stringMatching(/^\/[!-"$->@-~]{0,10}$/),
});
const mail = fc.record({
  to: fc.tuple(word, word).map(([user, host]) => `${user}@${host.replaceAll("_", "x")}`),
  server: address,
  user: line,
  password: line,
});

test("any answers give files that both checkers accept and that contain the answers", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(job, { maxLength: 3, selector: ({ name }) => name }),
      fc.option(mail),
      fc.option(fc.stringMatching(/^#[\w.-]{1,10}$/)),
      async (jobs, mailed, channel) => {
        const name = `run-${run++}`;
        const { terminal, seen, rest } = typing([
          "y",
          ...jobs.map((one) => `${one.name}=${one.targets.join(",")}${one.path}`),
          "",
          ...(mailed === null ? [""] : [mailed.to, mailed.server, "", mailed.user, mailed.password, ""]),
          ...(channel === null ? [""] : ["https://hooks.slack.com/services/T/B/x", channel]),
        ]);
        const { status, stderr } = await init([name], terminal);
        expect([status, stderr, rest, seen.filter((text) => text.startsWith("  "))]).toEqual([0, "", [], []]);
        const { prometheus, alertmanager } = await readBack(join(folder, name));
        const own = prometheus.scrapeConfigs.slice(5).map(({ jobName, metricsPath, staticConfigs }) => ({
          name: jobName,
          targets: staticConfigs[0]!.targets,
          path: metricsPath,
        }));
        expect(own).toEqual(jobs);
        const { integrations } = alertmanager.receivers[0]!;
        expect(integrations).toHaveLength((mailed === null ? 0 : 1) + (channel === null ? 0 : 1));
        if (mailed !== null) {
          expect(integrations[0]!.config).toMatchObject({ to: mailed.to, smarthost: mailed.server, from: mailed.to });
          expect(alertmanager.global.smtpAuthUsername).toBe(mailed.user);
          expect(read(`${name}/secrets/smtp-password`)).toBe(mailed.password);
        }
        if (channel !== null) expect(integrations.at(-1)!.config).toMatchObject({ channel });
      },
    ),
    { numRuns: 40 },
  );
});
