import { expect, test } from "vitest";
import { PostgresServer } from "../../support/postgres-server.ts";
import { lacks } from "../../support/requirements.ts";
import { PeopleRole } from "../people/people-role.ts";

const TIMEOUT_MS = 240_000;

test.skipIf(lacks("browser", "postgres"))(
  "an admin adds a PostgreSQL on the pages, reads why the first test fails, and a panel shows the chosen rows",
  { timeout: TIMEOUT_MS },
  async () => {
    await using database = await PostgresServer.start();
    await database.sql(
      "CREATE TABLE orders (at timestamptz, shop text, amount float8); " +
        "INSERT INTO orders SELECT now() - i * interval '1 min', CASE WHEN i % 2 = 0 THEN 'o''hara' ELSE 'south' END, i " +
        "FROM generate_series(0, 60) i",
    );
    await using role = await PeopleRole.start([]);
    const page = await role.open("admin", "/connections/datasources/new");
    const kind = page
      .getByRole("combobox", { name: "Kind" })
      .or(page.getByRole("textbox", { name: "Kind" }))
      .first();
    await kind.fill("Postgre");
    await page.getByRole("option", { name: "PostgreSQL" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/\/connections\/datasources\/edit\/[\w-]+$/);
    await page.getByRole("textbox", { name: "Host and port" }).fill(`127.0.0.1:${database.port}`);
    await page.getByRole("textbox", { name: "Database" }).fill("postgres");
    await page.getByRole("textbox", { name: "User" }).fill("narthex");
    await page.getByRole("button", { name: "Save and test" }).click();
    await page.getByRole("alert").getByText("It does not work yet").waitFor();

    const uid = new URL(page.url()).pathname.split("/").at(-1)!;
    const saved = await role.call<object>("GET", `/api/datasources/uid/${uid}`);
    expect(saved).toMatchObject({ url: `127.0.0.1:${database.port}`, user: "narthex", version: 2 });
    const jsonData = { database: "postgres", sslmode: "disable" };
    await role.call("PUT", `/api/datasources/uid/${uid}`, { ...saved, jsonData });
    await page.reload();
    await page.getByRole("button", { name: "Save and test" }).click();
    await page.getByText("Database Connection OK").waitFor();

    const datasource = { type: "postgres", uid };
    const rawSql =
      "SELECT shop, count(*)::int4 AS orders FROM orders WHERE shop IN ($shop) AND $__timeFilter(at) GROUP BY 1";
    const panel = {
      id: 1,
      type: "table",
      title: "Orders",
      gridPos: { x: 0, y: 0, w: 24, h: 8 },
      datasource,
      targets: [{ refId: "A", datasource, rawSql, format: "table" }],
    };
    const variable = {
      name: "shop",
      type: "query",
      multi: true,
      datasource,
      refresh: 1,
      query: "SELECT shop FROM orders",
    };
    await role.call("POST", "/api/dashboards/db", {
      dashboard: {
        uid: "orders",
        title: "Orders",
        schemaVersion: 42,
        time: { from: "now-2h", to: "now" },
        templating: { list: [variable] },
        panels: [panel],
      },
    });
    await page.goto(`${role.base}/d/orders?var-shop=o%27hara`);
    await page.getByRole("gridcell", { name: "31" }).waitFor();
    expect(await page.getByRole("gridcell", { name: "south" }).count()).toBe(0);
  },
);
