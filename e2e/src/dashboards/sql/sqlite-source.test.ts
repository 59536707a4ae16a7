import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { startDashboards } from "../../support/dashboards-instance.ts";
import { eventually } from "../../support/eventually.ts";
import { Workplace } from "../../support/workplace.ts";

const HEADERS = { authorization: `Basic ${btoa("admin:secret")}`, "content-type": "application/json" };
const ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) AS n FROM c";

test("a provisioned SQLite file is queried, and no process remains if the role is killed during a statement", async () => {
  const workplace = new Workplace();
  const path = workplace.path("shop.db");
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE orders (n INTEGER); INSERT INTO orders VALUES (1), (2)");
  database.close();
  workplace.write(
    "provisioning/datasources/all.yml",
    `apiVersion: 1\ndatasources: [{name: Shop, type: frser-sqlite-datasource, uid: shop, jsonData: {path: ${path}}}]\n`,
  );
  const { running, base } = await startDashboards(workplace, "data");
  await using role = running;
  await role.ready(`${base}/api/health`);
  const ask = (rawQueryText: string): Promise<Response> => {
    const queries = [{ refId: "A", datasource: { uid: "shop" }, rawQueryText, queryType: "table" }];
    const body = JSON.stringify({ from: "now-1h", to: "now", queries });
    return fetch(`${base}/api/ds/query`, { method: "POST", headers: HEADERS, body });
  };
  const answer = (await (await ask("SELECT sum(n) AS n FROM orders")).json()) as object;
  expect(answer).toMatchObject({ results: { A: { status: 200, frames: [{ data: { values: [[3]] } }] } } });

  const endless = ask(ENDLESS).catch(() => undefined);
  const task = `/proc/${role.child.pid}/task/${role.child.pid}/children`;
  const children = await eventually("the statement runs in a process", async () => {
    const found = readFileSync(task, "utf8").trim().split(" ").filter(Boolean);
    expect(found.length).toBeGreaterThan(0);
    return Promise.resolve(found);
  });
  role.kill("SIGKILL");
  await endless;
  await eventually("all processes have ended", async () => {
    for (const child of children) expect(() => readFileSync(`/proc/${child}/stat`)).toThrow("ENOENT");
    return Promise.resolve();
  });
});
