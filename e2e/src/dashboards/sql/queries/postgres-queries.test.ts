import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { PostgresServer } from "../../../support/postgres-server.ts";
import { lacks } from "../../../support/requirements.ts";
import { AnsweringRole, type ProvisionedSource } from "../../sources/queries/answering-role.ts";
import { CASES, SETUP } from "./postgres-cases.ts";
import { TYPE_CASES } from "./postgres-type-cases.ts";
import { askedSql } from "./sql-case.ts";

const TIMEOUT_MS = 60_000;

describe.skipIf(lacks("postgres"))("queries of PostgreSQL", { timeout: TIMEOUT_MS }, () => {
  let server: PostgresServer;
  let role: AnsweringRole;

  const source = (uid: string, more: object = {}): ProvisionedSource => ({
    uid,
    type: "grafana-postgresql-datasource",
    url: `127.0.0.1:${server.port}`,
    user: "reader",
    jsonData: { database: "postgres", sslmode: "disable", timeout: 5 },
    ...more,
  });

  beforeAll(async () => {
    server = await PostgresServer.start();
    await server.sql(SETUP);
    const jsonData = { database: "postgres", sslmode: "disable", timeout: 1 };
    role = await AnsweringRole.start([source("asked"), source("slow", { jsonData })]);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await role?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test.each([...TYPE_CASES, ...CASES])("%s", async (_title, query, lines) => {
    expect(await role.lines(askedSql(query))).toEqual(lines);
  });

  test("after all these queries the rows are still stored", async () => {
    expect(await server.sql("SELECT count(*) FROM orders")).toBe("7");
  });

  test("1,600 columns are read", async () => {
    const [frame] = (await role.answer(askedSql("SELECT * FROM wide")))!.frames!;
    expect(frame!.data.values).toEqual(Array.from({ length: 1600 }, (_, at) => [at + 1]));
  });

  test("a sleeping statement ends at the time limit, on the server too", async () => {
    const answer = await role.answer({ ...askedSql("SELECT pg_sleep(60)"), uid: "slow" });
    expect(answer).toMatchObject({ status: 504 });
    expect(answer!.error).toMatch(/did not answer completely within 1 s|raise the source's timeout/);
    // The server ends the statement a moment after the cancellation has arrived.
    const active =
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()";
    await eventually("the statement has ended", async () => expect(await server.sql(active)).toBe("0"));
  });
});
