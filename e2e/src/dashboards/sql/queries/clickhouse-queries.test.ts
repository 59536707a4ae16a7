import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../../../support/certificates.ts";
import { ClickhouseServer } from "../../../support/clickhouse-server.ts";
import { lacks } from "../../../support/requirements.ts";
import { Workplace } from "../../../support/workplace.ts";
import { AnsweringRole, type ProvisionedSource } from "../../sources/queries/answering-role.ts";
import { CASES, SETUP } from "./clickhouse-cases.ts";
import { askedSql } from "./sql-case.ts";

const TIMEOUT_MS = 60_000;

describe.skipIf(lacks("clickhouse"))("queries of ClickHouse", { timeout: TIMEOUT_MS }, () => {
  const workplace = new Workplace();
  // ClickHouse waits for the end of a line, which the random bytes of a TLS handshake may lack. This server refuses them.
  const plain = createServer();
  let server: ClickhouseServer;
  let role: AnsweringRole;

  const source = (uid: string, jsonData: object = {}, more: object = {}): ProvisionedSource => ({
    uid,
    type: "grafana-clickhouse-datasource",
    url: `http://127.0.0.1:${server.port}`,
    jsonData: { defaultDatabase: "shop", ...jsonData },
    ...more,
  });

  beforeAll(async () => {
    const authority = new Authority(workplace.folder, "own");
    server = await ClickhouseServer.start({ tls: authority.issue({ name: "db", alternatives: "DNS:db.example" }) });
    for (const statement of SETUP) await server.sql(statement); // oxlint-disable-line no-await-in-loop
    const url = `https://127.0.0.1:${server.tlsPort}`;
    await once(plain.listen(0, "127.0.0.1"), "listening");
    const secureJsonData = { tlsCACert: authority.pair.cert };
    role = await AnsweringRole.start([
      source("asked"),
      source("slow", { queryTimeout: 1 }),
      source("untrusted", { serverName: "db.example" }, { url }),
      source("misnamed", { tlsAuthWithCACert: true }, { url, secureJsonData }),
      source("plain", {}, { url: `https://127.0.0.1:${(plain.address() as AddressInfo).port}` }),
      source("wrong", { username: "reader" }, { secureJsonData: { password: "no" } }),
    ]);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await role?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    plain.close();
    workplace[Symbol.dispose]();
  }, TIMEOUT_MS);

  test.each(CASES)("%s", async (_title, query, lines) => {
    expect(await role.lines(askedSql(query))).toEqual(lines);
  });

  test("after all these queries the rows are still stored", async () => {
    expect(await server.sql("SELECT count() FROM shop.orders")).toBe("7");
  });

  test("2,000 columns are read", async () => {
    const sql = `SELECT ${Array.from({ length: 2000 }, (_, at) => `toUInt16(${at}) AS c${at}`).join(", ")}`;
    const [frame] = (await role.answer(askedSql(sql)))!.frames!;
    expect(frame!.data.values).toEqual(Array.from({ length: 2000 }, (_, at) => [at]));
  });

  test("a long statement ends at the time limit, on the server too", async () => {
    const sql = "SELECT count() FROM system.numbers WHERE sipHash64(number) = 1";
    const answer = await role.answer({ ...askedSql(sql), uid: "slow" });
    expect(answer).toMatchObject({ status: 504 });
  });

  test.each([
    [
      "untrusted",
      "TLS with the data source failed: the server's certificate is not signed by a known authority; set the authority's certificate",
    ],
    [
      "misnamed",
      "TLS with the data source failed: the name in the server's certificate is another one than the host of the URL; write this name in the URL, or as the server name in the TLS settings",
    ],
    ["plain", "TLS with the data source failed: the server does not use TLS; write http instead of https in the URL"],
    ["wrong", "the data source refuses the connection: the user or the password is wrong"],
  ])("a source that is set up as %s gets a sentence with the remedy", async (uid, message) => {
    expect(await role.lines({ ...askedSql("SELECT 1"), uid })).toEqual([`error 502: ${message}`]);
    expect(await role.health(uid)).toBe(message);
  });
});
