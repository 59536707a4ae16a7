import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MariadbServer } from "../../../support/mariadb-server.ts";
import { lacks } from "../../../support/requirements.ts";
import { Workplace } from "../../../support/workplace.ts";
import { AnsweringRole, type ProvisionedSource } from "../../sources/queries/answering-role.ts";
import { CASES, SETUP } from "./mysql-cases.ts";
import { TYPE_CASES } from "./mysql-type-cases.ts";
import { askedSql } from "./sql-case.ts";

const TIMEOUT_MS = 60_000;

describe.skipIf(lacks("mariadb"))("queries of MariaDB", { timeout: TIMEOUT_MS }, () => {
  const workplace = new Workplace();
  let server: MariadbServer;
  let role: AnsweringRole;

  const source = (uid: string, more: object = {}): ProvisionedSource => ({
    uid,
    type: "mysql",
    url: `127.0.0.1:${server.port}`,
    user: "reader",
    jsonData: { database: "shop", ...more },
    secureJsonData: { password: "secret" },
  });

  beforeAll(async () => {
    const options = ["--default-time-zone=+00:00", `--secure-file-priv=${workplace.folder}`];
    server = await MariadbServer.start(options);
    const zone = ["/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"];
    await server.sql(execFileSync("/usr/bin/mariadb-tzinfo-to-sql", zone, { encoding: "utf8" }));
    await server.sql(`DELIMITER $$\n${SETUP.join("$$\n")}$$`);
    const berlin = source("berlin", { timezone: "Europe/Berlin" });
    role = await AnsweringRole.start([source("asked"), source("slow", { timeout: 1 }), berlin]);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await role?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    workplace[Symbol.dispose]();
  }, TIMEOUT_MS);

  test.each([...TYPE_CASES, ...CASES])("%s", async (_title, query, lines) => {
    expect(await role.lines(askedSql(query))).toEqual(lines);
  });

  test("after all these queries the rows are still stored, and no file was written", async () => {
    expect(await server.sql("SELECT COUNT(*) FROM orders", "shop")).toBe("7");
    expect(existsSync("/tmp/narthex-outfile")).toBe(false);
  });

  test("1,000 columns are read", async () => {
    const [frame] = (await role.answer(askedSql("SELECT * FROM wide")))!.frames!;
    expect(frame!.data.values).toEqual(Array.from({ length: 1000 }, (_, at) => [at + 1]));
  });

  test("a sleeping statement ends at the time limit, on the server too", async () => {
    const answer = await role.answer({
      ...askedSql("SELECT COUNT(*) FROM seq_1_to_10000000 a, seq_1_to_10000000 b"),
      uid: "slow",
    });
    expect(answer).toMatchObject({ status: 504 });
    const running = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader' AND command = 'Query'";
    expect(await server.sql(running)).toBe("0");
  });
});
