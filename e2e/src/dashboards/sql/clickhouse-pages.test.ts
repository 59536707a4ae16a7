import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mysqlLiteral } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { ClickhouseServer } from "../../support/clickhouse-server.ts";
import { lacks } from "../../support/requirements.ts";
import { PeopleRole } from "../people/people-role.ts";

const TIMEOUT_MS = 240_000;
/** A value that ends its literal unless quotes and backslashes are doubled. */
const SHOP = "o'hara\\' OR 1=1 -- \\";

test.skipIf(lacks("browser", "clickhouse"))(
  "one dashboard shows rows of ClickHouse for a chosen value, and rows of a JSON document",
  { timeout: TIMEOUT_MS },
  async () => {
    await using database = await ClickhouseServer.start();
    await database.sql("CREATE TABLE orders (at DateTime, shop String) ENGINE = MergeTree ORDER BY at");
    await database.sql(
      `INSERT INTO orders SELECT now() - number * 60, if(number % 2, 'south', ${mysqlLiteral(SHOP)}) FROM system.numbers LIMIT 61`,
    );
    const documents = createServer((_request, response) => response.end('{"data":[{"state":"all is well"}]}'));
    await new Promise<void>((resolve) => documents.listen(0, "127.0.0.1", resolve));
    await using role = await PeopleRole.start([]);
    const page = await role.open("admin", "/connections/datasources/new");
    const kind = page
      .getByRole("combobox", { name: "Kind" })
      .or(page.getByRole("textbox", { name: "Kind" }))
      .first();
    await kind.fill("Click");
    await page.getByRole("option", { name: "ClickHouse" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/\/connections\/datasources\/edit\/[\w-]+$/);
    await page.getByRole("textbox", { name: "URL" }).fill(`http://127.0.0.1:${database.port}`);
    await page.getByRole("textbox", { name: "User" }).fill("reader");
    await page.getByLabel("Password").first().fill("secret");
    await page.getByRole("button", { name: "Save and test" }).click();
    await page.getByText("Database Connection OK").waitFor();

    const events = { type: "grafana-clickhouse-datasource", uid: new URL(page.url()).pathname.split("/").at(-1)! };
    const { port } = documents.address() as AddressInfo;
    const status = { type: "yesoreyeram-infinity-datasource", uid: "status" };
    const url = `http://127.0.0.1:${port}`;
    await role.call("POST", "/api/datasources", { ...status, name: "Status", url, access: "proxy" });
    const rawSql =
      "SELECT 'rows: ' AS text, toString(count()) AS n FROM orders WHERE $__timeFilter(at) " +
      "AND $__conditionalAll(shop IN ($shop), $shop)";
    const common = { type: "table", gridPos: { x: 0, y: 0, w: 12, h: 8 } };
    await role.call("POST", "/api/dashboards/db", {
      dashboard: {
        uid: "orders",
        title: "Orders",
        schemaVersion: 42,
        time: { from: "now-2h", to: "now" },
        templating: {
          list: [
            {
              name: "shop",
              type: "query",
              multi: true,
              includeAll: true,
              datasource: events,
              refresh: 1,
              query: "SELECT DISTINCT shop FROM orders",
            },
          ],
        },
        panels: [
          { ...common, id: 1, datasource: events, targets: [{ refId: "A", datasource: events, rawSql, format: 1 }] },
          {
            ...common,
            id: 2,
            datasource: status,
            targets: [{ refId: "A", type: "json", url: "/", root_selector: "data" }],
          },
        ],
      },
    });
    const shown = async (shop: string, rows: string): Promise<void> => {
      await page.goto(`${role.base}/d/orders?var-shop=${encodeURIComponent(shop)}`);
      await page.getByRole("gridcell", { name: rows, exact: true }).waitFor();
    };
    await shown(SHOP, "31");
    await shown("south", "30");
    await shown("$__all", "61");
    await page.getByRole("gridcell", { name: "all is well" }).waitFor();
    expect(await page.getByText("error querying the database").count()).toBe(0);
    documents.close();
  },
);
