import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startDashboards } from "../../support/dashboards-instance.ts";
import { Workplace } from "../../support/workplace.ts";

const HEADERS = { authorization: `Basic ${btoa("admin:secret")}`, "content-type": "application/json" };

/** Answer of a Prometheus to a range query: two series with one label. */
const MATRIX = JSON.stringify({
  status: "success",
  data: {
    resultType: "matrix",
    result: [
      {
        metric: { __name__: "load", host: "a" },
        values: [
          [1_700_000_000, "1"],
          [1_700_000_060, "3"],
        ],
      },
      { metric: { __name__: "load", host: "b" }, values: [[1_700_000_000, "8"]] },
    ],
  },
});

test("one panel joins the answers of a Prometheus, a SQLite file and TestData in a SQL expression", async () => {
  const workplace = new Workplace();
  const path = workplace.path("owners.db");
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE owners (host TEXT, owner TEXT); INSERT INTO owners VALUES ('a', 'Ada'), ('b', 'Bob')");
  database.close();
  await using prometheus = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(MATRIX);
  });
  await new Promise<void>((resolve) => prometheus.listen(0, "127.0.0.1", resolve));
  const { port } = prometheus.address() as AddressInfo;
  workplace.write(
    "provisioning/datasources/all.yml",
    `apiVersion: 1
datasources:
  - {name: Load, type: prometheus, uid: load, url: "http://127.0.0.1:${port}"}
  - {name: Owners, type: frser-sqlite-datasource, uid: owners, jsonData: {path: ${path}}}
  - {name: Test, type: testdata, uid: test}
`,
  );
  const { running, base } = await startDashboards(workplace, "data");
  await using role = running;
  await role.ready(`${base}/api/health`);
  const queries = [
    { refId: "A", datasource: { uid: "load" }, expr: "load", range: true, intervalMs: 60_000, hide: true },
    {
      refId: "B",
      datasource: { uid: "owners" },
      rawQueryText: "SELECT host, owner FROM owners",
      queryType: "table",
      hide: true,
    },
    {
      refId: "C",
      datasource: { uid: "test" },
      scenarioId: "csv_content",
      csvContent: "owner,team\nAda,red\nBob,blue",
      hide: true,
    },
    {
      refId: "X",
      datasource: { type: "__expr__", uid: "__expr__" },
      type: "sql",
      expression:
        "SELECT C.team, MAX(A.time) AS time, AVG(A.__value__) AS load FROM A JOIN B ON B.host = A.host JOIN C ON C.owner = B.owner GROUP BY C.team ORDER BY C.team",
    },
  ];
  const ask = async (given: readonly object[]): Promise<unknown> => {
    const body = JSON.stringify({ from: "1700000000000", to: "1700000060000", queries: given });
    return (await fetch(`${base}/api/ds/query`, { method: "POST", headers: HEADERS, body })).json();
  };
  expect(await ask(queries)).toMatchObject({
    results: {
      X: {
        status: 200,
        frames: [
          {
            schema: { fields: [{ name: "team" }, { name: "time", type: "time" }, { name: "load", type: "number" }] },
            data: {
              values: [
                ["blue", "red"],
                [1_700_000_000_000, 1_700_000_060_000],
                [8, 2],
              ],
            },
          },
        ],
      },
    },
  });
  const wrong = queries.with(3, { ...queries[3]!, expression: "SELECT nope FROM B" } as never);
  expect(await ask(wrong)).toMatchObject({
    results: { X: { status: 400, error: "no such column: nope; table B has the columns host, owner" } },
  });
});
