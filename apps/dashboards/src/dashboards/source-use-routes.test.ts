import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

const SOURCE = { type: "prometheus", uid: "shop-metrics" };

test("the dashboards that name a data source are listed, wherever the name is", async () => {
  await withRole({}, async ({ call }) => {
    const source = { uid: SOURCE.uid, name: "Shop", type: "prometheus", url: "http://127.0.0.1:9", access: "proxy" };
    expect((await call("POST", "/api/datasources", source)).status).toBe(200);
    const save = async (title: string, parts: object): Promise<void> => {
      const { status } = await call("POST", "/api/dashboards/db", { dashboard: { title, ...parts } });
      expect(status).toBe(200);
    };
    await save("Panel", { panels: [{ id: 1, type: "stat", datasource: SOURCE }] });
    await save("Query", { panels: [{ id: 1, type: "stat", targets: [{ refId: "A", datasource: SOURCE }] }] });
    await save("Row", { panels: [{ id: 1, type: "row", panels: [{ id: 2, type: "stat", datasource: SOURCE }] }] });
    await save("Variable", { templating: { list: [{ name: "a", type: "query", datasource: SOURCE.uid }] } });
    await save("Annotation", { annotations: { list: [{ name: "a", datasource: SOURCE }] } });
    await save("Old name", { panels: [{ id: 1, type: "stat", datasource: "Shop" }] });
    await save("Other source", { panels: [{ id: 1, type: "stat", datasource: { ...SOURCE, uid: "other" } }] });
    await save("Only a word", { description: SOURCE.uid, panels: [{ id: 1, type: "stat", title: SOURCE.uid }] });
    const { json } = await call("GET", `/api/narthex/sources/${SOURCE.uid}/dashboards`);
    const { count, dashboards } = json as { count: number; dashboards: { title: string; url: string }[] };
    expect([count, dashboards.map(({ title }) => title)]).toEqual([
      6,
      ["Annotation", "Old name", "Panel", "Query", "Row", "Variable"],
    ]);
    expect(dashboards[2]!.url).toMatch(/^\/d\/[\w-]+\/panel$/);
  });
});

test("no more than 20 dashboards are listed, and all are counted", async () => {
  await withRole({}, async ({ call }) => {
    for (let i = 0; i < 22; i++)
      await call("POST", "/api/dashboards/db", {
        dashboard: { title: `D${i}`, panels: [{ id: 1, datasource: SOURCE }] },
      });
    const { json } = await call("GET", `/api/narthex/sources/${SOURCE.uid}/dashboards`);
    expect([json.count, json.dashboards.length]).toEqual([22, 20]);
  });
});
