import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { InfluxdbServer } from "../../../support/influxdb-server.ts";
import { lacks } from "../../../support/requirements.ts";
import { AnsweringRole, type ProvisionedSource } from "./answering-role.ts";
import { askedInflux, CASES, POINTS } from "./influxdb-cases.ts";

const TIMEOUT_MS = 60_000;

describe.skipIf(lacks("influxdb"))("queries of InfluxDB", { timeout: TIMEOUT_MS }, () => {
  let server: InfluxdbServer;
  let role: AnsweringRole;

  const source = (uid: string, jsonData: object = {}, more: object = {}): ProvisionedSource => ({
    uid,
    type: "influxdb",
    url: server.url,
    jsonData: { dbName: "t", ...jsonData },
    ...more,
  });

  beforeAll(async () => {
    server = await InfluxdbServer.start();
    await server.execute("CREATE DATABASE t");
    await server.write("t", POINTS);
    role = await AnsweringRole.start([
      source("asked"),
      source("slow", { timeout: 1 }),
      source("none", { dbName: "none" }),
    ]);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await role?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test.each(CASES)("%s", async (_title, query, lines) => {
    expect(await role.lines(askedInflux(query))).toEqual(lines);
  });

  test("after all these queries the points are still stored", async () => {
    expect(await role.lines(askedInflux("SELECT count(n) FROM orders"))).toEqual([
      "series orders.count",
      "Time time 1970-01-01T00:00Z",
      "Value number 7",
    ]);
  });

  test("a database that does not exist is named", async () => {
    expect(await role.lines({ ...askedInflux("SELECT n FROM orders"), uid: "none" })).toEqual([
      "error 400: InfluxDB returned error: database not found: none",
    ]);
  });

  test("a statement for 10 million points ends at the time limit, on the server too", async () => {
    const sql = "SELECT count(n) FROM orders WHERE $timeFilter GROUP BY time(1ms) fill(0)";
    const answer = await role.answer({ ...askedInflux(sql), uid: "slow" });
    expect(answer).toMatchObject({ status: 504, frames: [] });
    await eventually("the server runs no other statement", async () => {
      const lines = await role.lines(askedInflux({ query: "SHOW QUERIES", target: { resultFormat: "table" } }));
      expect(lines).toContainEqual(expect.stringContaining("SHOW QUERIES"));
      expect(lines).not.toContainEqual(expect.stringContaining("fill"));
    });
  });

  test("a slow server is given up at the time limit, and asked again when it answers", async () => {
    await server.freeze();
    const asked = { ...askedInflux("SELECT max(n) FROM orders"), uid: "slow" };
    expect(await role.lines(asked)).toEqual(["error 504: the data source did not answer completely within 1 s"]);
    server.thaw();
    expect(await role.lines(asked)).toHaveLength(3);
  });
});
