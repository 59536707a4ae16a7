import { expect, test } from "vitest";
import { narthex } from "../support/running.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

/** Arguments that each server needs to start in its own folder. */
const ROLES = {
  server: (workplace: Workplace) => [
    `--config.file=${workplace.write("prometheus.yml", "scrape_configs: []\n")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
  ],
  alertmanager: (workplace: Workplace) => [
    `--config.file=${workplace.write("alertmanager.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n")}`,
    `--storage.path=${workplace.path("am")}`,
    "--cluster.listen-address=",
  ],
  pushgateway: () => [],
  "node-exporter": () => [],
} satisfies Record<string, (workplace: Workplace) => string[]>;

const names = Object.keys(ROLES) as (keyof typeof ROLES)[];

/** bcrypt hash of the password "secret" with cost 4, in the form that htpasswd writes. */
const HASH = "$2y$04$hpx/cWBKsTPHTksQLz00E./uxQ3WTopwMb5ldl36xpJfkmtWppm5O";

test.each(names)("%s: --web.config.file protects every path with a password", async (role) => {
  using workplace = new Workplace();
  const port = await freePort();
  const config = workplace.write("web.yml", `basic_auth_users:\n  ann: "${HASH}"\n`);
  await using running = narthex([
    role,
    ...ROLES[role](workplace),
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.config.file=${config}`,
  ]);
  const status = async (headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status;
  await eventually(`${role} answers`, async () => {
    if (running.child.exitCode !== null) throw new Error(running.output);
    expect(await status()).toBe(401);
  });
  expect(await status({ authorization: `Basic ${btoa("ann:wrong")}` })).toBe(401);
  expect(await status({ authorization: `Basic ${btoa("ann:secret")}` })).toBe(200);
});

test.each(names)("%s: a web config that cannot protect prevents the start, naming file and line", async (role) => {
  using workplace = new Workplace();
  const config = workplace.write("web.yml", "basic_auth_user:\n  ann: x\n");
  await using running = narthex([
    role,
    ...ROLES[role](workplace),
    "--web.listen-address=127.0.0.1:0",
    `--web.config.file=${config}`,
  ]);
  const { code } = await running.ended;
  expect(code).not.toBe(0);
  expect(running.stderr).toContain("web.yml:1");
  expect(running.stderr).toContain("basic_auth_user");
});

test.each(names)("%s: logs JSON with the flag, and shows no series of ours on /metrics", async (role) => {
  using workplace = new Workplace();
  const port = await freePort();
  await using running = narthex([
    role,
    ...ROLES[role](workplace),
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.format=json",
  ]);
  await running.ready(`http://127.0.0.1:${port}/metrics`);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toMatch(/^process_resident_memory_bytes \d/m);
  expect(metrics.split("\n").filter((line) => /^(nodejs|narthex)_/.test(line))).toEqual([]);
  const lines = running.stderr.trim().split("\n");
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({
      time: expect.any(String),
      level: expect.any(String),
      msg: expect.any(String),
    });
});

test("a role logs one warning about a flag whose feature is not built, and starts", async () => {
  const port = await freePort();
  await using role = narthex(["node-exporter", `--web.listen-address=127.0.0.1:${port}`, "--runtime.gomaxprocs=2"]);
  await role.ready(`http://127.0.0.1:${port}/metrics`);
  const warnings = role.stderr.split("\n").filter((line) => line.includes("level=WARN"));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("--runtime.gomaxprocs");
});

test("the server exits with status 0 on SIGTERM, and releases the data folder", async () => {
  using workplace = new Workplace();
  const port = await freePort();
  const args = ["server", ...ROLES.server(workplace), `--web.listen-address=127.0.0.1:${port}`];
  {
    await using first = narthex(args);
    await first.ready(`http://127.0.0.1:${port}/-/ready`);
    await using second = narthex(["server", ...ROLES.server(workplace), "--web.listen-address=127.0.0.1:0"]);
    expect((await second.ended).code).toBe(1);
    expect(second.stderr).toContain(workplace.path("data"));
    first.kill("SIGTERM");
    expect(await first.ended).toEqual({ code: 0, signal: null });
  }
  await using third = narthex(args);
  await third.ready(`http://127.0.0.1:${port}/-/ready`);
});

test("an empty storage answers /status/tsdb with the limits of int64, as the original does", async () => {
  using workplace = new Workplace();
  const port = await freePort();
  await using server = narthex(["server", ...ROLES.server(workplace), `--web.listen-address=127.0.0.1:${port}`]);
  await server.ready(`http://127.0.0.1:${port}/-/ready`);
  const body = await (await fetch(`http://127.0.0.1:${port}/api/v1/status/tsdb`)).text();
  expect(body).toContain('"minTime":9223372036854775807,"maxTime":-9223372036854775808');
});

test.each([
  ["server", "--storage.tsdb.path"],
  ["alertmanager", "--storage.path"],
  ["pushgateway", "--persistence.file"],
  ["up", "--data-dir"],
] as const)("%s: an unusable path for data ends the start with a message, not a stack", async (role, flag) => {
  using workplace = new Workplace();
  const file = workplace.write("file", "");
  const given = role === "up" ? [] : [...ROLES[role](workplace), "--web.listen-address=127.0.0.1:0"];
  const own = given.filter((arg) => !arg.startsWith(flag));
  for (const path of [`${file}/data`, "/proc/narthex/data"]) {
    await using running = narthex([role, ...own, `${flag}=${path}`]);
    expect(await running.ended).toEqual({ code: 1, signal: null });
    expect(running.stderr).toContain(`${flag}: ${path.startsWith("/proc") ? "/proc/narthex" : file}`);
    expect(running.stderr).toMatch(/name another (?:folder|path) with --/);
    expect(running.output).not.toMatch(/^ +at /m);
  }
});
