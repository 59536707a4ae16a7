import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { freePort, freePortOffset } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

interface Finding {
  readonly check: string;
  readonly level: "error" | "warning" | "ok";
  readonly what: string;
  readonly hint: string;
}

/** Arguments that select only checks of the stack, not checks of the machine that runs the test. */
const OF_THE_STACK = ["config", "ports", "permissions", "targets", "receivers", "stores"].map(
  (name) => `--check=${name}`,
);

async function doctor(...args: readonly string[]) {
  // Uses a long timeout, because the test must also pass on a busy machine.
  await using run = narthex(["doctor", ...args, "--json", "--timeout=60s", ...OF_THE_STACK]);
  const { code } = await run.ended;
  if (run.stdout === "") throw new Error(run.output);
  const { findings } = JSON.parse(run.stdout) as { readonly findings: readonly Finding[] };
  return { code, printed: run.output, findings, notWell: findings.filter(({ level }) => level !== "ok") };
}

test("narthex doctor finds no problem before narthex up runs or while it runs, and reports which programs use its ports", async () => {
  using workplace = new Workplace();
  const offset = await freePortOffset();
  const flags = [`--data-dir=${workplace.path("data")}`, `--port-offset=${offset}`];
  expect(await doctor(...flags)).toMatchObject({ code: 0, notWell: [] });

  await using up = narthex(["up", ...flags]);
  await eventually("all five roles are ready", async () => {
    if (!up.stdout.includes("Ready.")) throw new Error(up.output);
  });
  await untilQuery(`http://127.0.0.1:${9090 + offset}`, "up == 1", (result) => result.length === 5);
  const whileRunning = await doctor(...flags);
  expect(whileRunning).toMatchObject({ code: 0, notWell: [] });
  const held = whileRunning.findings.filter(({ what }) =>
    /^port \d+ \(.*\) is used by the role itself, pid \d+$/.test(what),
  );
  expect(held).toHaveLength(5);
  const scraped = whileRunning.findings.filter(({ what }) => what.includes("scraped by the running server"));
  expect(scraped).toHaveLength(5);

  const other = await doctor(
    "server",
    `--web.listen-address=:${9091 + offset}`,
    `--storage.tsdb.path=${workplace.path("x")}`,
  );
  expect(other.code).toBe(2);
  expect(other.findings.find(({ check }) => check === "ports")).toMatchObject({
    level: "error",
    what: expect.stringContaining("is used by narthex pushgateway, pid "),
    hint: expect.stringMatching(/^end it \(kill \d+\)/),
  });
});

test("narthex doctor reports a dead target, a wrong mail server, and a world-readable password", async () => {
  using workplace = new Workplace();
  const [offset, dead] = [await freePortOffset(), await freePort()];
  const password = workplace.write("password", "s3cret");
  chmodSync(password, 0o644);
  // Makes the folder readable, because otherwise it would protect the password file in it.
  chmodSync(dirname(password), 0o755);
  await using init = narthex([
    "init",
    workplace.path("config"),
    `--port-offset=${offset}`,
    `--job=shop=localhost:${dead}`,
    "--email-to=me@example.org",
    `--smtp=localhost:${dead}`,
    "--smtp-user=me",
    `--smtp-password-file=${password}`,
  ]);
  expect([await init.ended, init.stderr]).toEqual([{ code: 0, signal: null }, ""]);
  const { code, notWell } = await doctor(
    `--config-dir=${workplace.path("config")}`,
    `--data-dir=${workplace.path("data")}`,
    `--port-offset=${offset}`,
  );
  expect(code).toBe(2);
  expect(notWell).toEqual([
    { check: "permissions", level: "warning", what: expect.stringContaining(password), hint: `chmod 600 ${password}` },
    {
      check: "targets",
      level: "error",
      what: expect.stringContaining(`http://localhost:${dead}/metrics cannot be reached`),
      hint: expect.stringContaining("start the program that should listen there"),
    },
    {
      check: "receivers",
      level: "error",
      what: expect.stringContaining(`mail server localhost:${dead}`),
      hint: expect.stringContaining("start the program that should listen there"),
    },
  ]);
});

test.skipIf(lacks("postgres"))(
  "narthex doctor logs in to the Alertmanager's database, and creates nothing there",
  async () => {
    using workplace = new Workplace();
    await using server = await PostgresServer.start();
    const url = await server.database("state");
    const config = workplace.write("alertmanager.yml", "route: {receiver: r}\nreceivers: [{name: r}]\n");
    const flags = [
      "alertmanager",
      `--config.file=${config}`,
      `--storage.path=${workplace.path("data")}`,
      "--cluster.listen-address=",
    ];
    const listens = `--web.listen-address=127.0.0.1:${await freePort()}`;
    const well = await doctor(...flags, listens, `--store.url=${url}`);
    expect(well).toMatchObject({ code: 0, notWell: [] });
    expect(well.printed).toContain(config);
    expect(well.printed).not.toContain("--store.url");
    expect(well.printed).not.toContain(url);
    expect(well.findings.some(({ what }) => what.includes("accepts the login"))).toBe(true);
    expect(await server.sql("SELECT count(*) FROM pg_class WHERE relname LIKE 'narthex%'", "state")).toBe("0");
    const wrong = await doctor(...flags, listens, `--store.url=${server.url("nowhere")}`);
    expect(wrong.notWell).toMatchObject([
      { check: "stores", level: "error", what: expect.stringContaining("nowhere") },
    ]);
  },
);
