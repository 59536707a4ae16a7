import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { sqlLiteral } from "@narthex/dashboards";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workplace } from "../../../support/workplace.ts";
import { hostileTexts } from "../../sources/hostile-texts.ts";
import { AnsweringRole } from "../../sources/queries/answering-role.ts";
import { askedSqlite, CASES, SETUP } from "./sqlite-cases.ts";

const TIMEOUT_MS = 60_000;

describe("queries of SQLite", { timeout: TIMEOUT_MS }, () => {
  const workplace = new Workplace();
  const path = workplace.path("shop.db");
  let before: Buffer;
  let role: AnsweringRole;

  beforeAll(async () => {
    const database = new DatabaseSync(path);
    database.exec(SETUP);
    database.close();
    before = readFileSync(path);
    const type = "frser-sqlite-datasource";
    role = await AnsweringRole.start([
      { uid: "asked", type, jsonData: { path } },
      { uid: "slow", type, jsonData: { path, timeout: 1 } },
    ]);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await role?.[Symbol.asyncDispose]();
    workplace[Symbol.dispose]();
  }, TIMEOUT_MS);

  test.each(CASES)("%s", async (_title, query, lines) => {
    expect(await role.lines(askedSqlite(query))).toEqual(lines);
  });

  test("10,000 values of variables never leave their literal", async () => {
    const texts = hostileTexts(10_000);
    for (let at = 0; at < texts.length; at += 500) {
      const part = texts.slice(at, at + 500);
      const sql = `VALUES ${part.map((text) => `(${sqlLiteral(text)})`).join(", ")}`;
      // oxlint-disable-next-line no-await-in-loop -- one statement after the other
      const [frame] = (await role.answer(askedSqlite(sql)))!.frames!;
      expect(frame!.data.values).toEqual([part]);
    }
  });

  test("of 10 million rows the first million is read", async () => {
    const sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000000) SELECT x FROM c";
    const [frame] = (await role.answer(askedSqlite(sql)))!.frames!;
    expect(frame!.data.values[0]).toHaveLength(1_000_000);
    expect(frame!.schema.meta!.notices![0]!.text).toContain("Results have been limited to 1000000");
  });

  test("a statement without an end ends at the time limit", async () => {
    const sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c";
    expect(await role.answer({ ...askedSqlite(sql), uid: "slow" })).toMatchObject({ status: 504 });
  });

  test("after all these queries the file is the same, and no other file exists", () => {
    expect(readFileSync(path).equals(before)).toBe(true);
    for (const other of ["/tmp/narthex-other.db", "/tmp/narthex-copy.db", "/tmp/narthex-file"])
      expect(existsSync(other)).toBe(false);
  });
});
