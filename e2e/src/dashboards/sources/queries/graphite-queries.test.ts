import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphiteServer } from "../../../support/graphite-server.ts";
import { lacks } from "../../../support/requirements.ts";
import { AnsweringRole } from "./answering-role.ts";
import { askedGraphite, CASES, POINTS } from "./graphite-cases.ts";

const TIMEOUT_MS = 60_000;

describe.skipIf(lacks("graphite"))("queries of Graphite", { timeout: TIMEOUT_MS }, () => {
  let server: GraphiteServer;
  let role: AnsweringRole;

  beforeAll(async () => {
    server = await GraphiteServer.start(POINTS);
    const source = { type: "graphite", url: server.url };
    role = await AnsweringRole.start([
      { ...source, uid: "asked" },
      { ...source, uid: "slow", jsonData: { timeout: 1 } },
    ]);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await role?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test.each(CASES)("%s", async (_title, query, lines) => {
    expect(await role.lines(askedGraphite(query))).toEqual(lines);
  });

  test("a slow server is given up at the time limit, and asked again when it answers", async () => {
    await server.freeze();
    const asked = { ...askedGraphite("shop.a.n"), uid: "slow" };
    expect(await role.lines(asked)).toEqual(["error 504: the data source did not answer completely within 1 s"]);
    server.thaw();
    expect(await role.lines(asked)).toHaveLength(3);
  });

  test("a server that has ended is reported", async () => {
    await server.stop();
    expect(await role.lines(askedGraphite("shop.b.n"))).toEqual([
      "error 502: the data source cannot be reached: connect: connection refused",
    ]);
  });
});
