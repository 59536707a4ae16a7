import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

test("pages get the sources that the user may query, and the descriptions of their kinds, without settings", async () => {
  await withRole({}, async ({ call }) => {
    const url = "http://127.0.0.1:9";
    const jsonData = { timeInterval: "30s", alertmanagerUid: "am", httpHeaderName1: "X-Key" };
    await call("POST", "/api/datasources", { uid: "p", name: "P", type: "prometheus", url, jsonData });
    await call("POST", "/api/datasources", { uid: "v", name: "V", type: "victoriametrics-metrics-datasource", url });
    await call("POST", "/api/datasources", { uid: "x", name: "X", type: "unknown", url, isDefault: true });
    const { json } = await call("GET", "/api/narthex/sources");
    expect(json.sources).toEqual([
      { uid: "p", name: "P", type: "prometheus", isDefault: false, timeInterval: "30s", alertmanagerUid: "am" },
      { uid: "v", name: "V", type: "victoriametrics-metrics-datasource", isDefault: false },
      { uid: "x", name: "X", type: "unknown", isDefault: true },
    ]);
    expect(json.kinds).toEqual([expect.objectContaining({ name: "Prometheus", features: ["metrics", "rules"] })]);
    expect(Object.keys(json.kinds[0])).not.toContain("settings");
  });
});

test("the form of each kind that can be added is listed, and a source of each kind can be added", async () => {
  await withRole({}, async ({ call }) => {
    const { kinds } = (await call("GET", "/api/narthex/source-kinds")).json as {
      kinds: { types: string[]; settings: object[]; defaults: object }[];
    };
    expect(kinds.map(({ types }) => types[0])).toEqual(expect.arrayContaining(["prometheus", "mysql"]));
    expect(kinds.map(({ types }) => types[0])).not.toContain("grafana");
    for (const { types, defaults } of kinds) {
      const draft = { name: types[0], type: types[0], access: "proxy", jsonData: defaults };
      expect((await call("POST", "/api/datasources", draft)).status).toBe(200);
    }
  });
});

test("a source without resources, an unknown source and an unknown path are refused", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", { uid: "p", name: "P", type: "prometheus", url: "http://127.0.0.1:9" });
    const jsonData = { sslmode: "disable", database: "d" };
    const database = { uid: "d", name: "D", type: "postgres", url: "127.0.0.1:9", user: "u", jsonData };
    await call("POST", "/api/datasources", database);
    const ask = async (path: string) => (await call("POST", `/api/narthex/sources/${path}`, {})).json.message;
    expect(await ask("p/resources/tables")).toBe("this data source has no resources");
    expect(await ask("q/resources/tables")).toBe("Data source not found");
    expect(await ask("d/resources/secrets")).toContain('lists tables and columns, not "secrets"');
    expect(await ask("d/resources/columns")).toContain("the name of the table is missing");
  });
});
