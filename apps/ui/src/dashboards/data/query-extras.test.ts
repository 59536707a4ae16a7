import { filledQuery, unknownSourceKind } from "@narthex/dashboards";
import { afterEach, expect, test, vi } from "vitest";
import { fetchSources } from "./dashboard-api.ts";

afterEach(() => vi.unstubAllGlobals());

test("the values of variables are formatted for InfluxDB as soon as the list of sources is there", async () => {
  const kind = { ...unknownSourceKind("influxdb"), language: { valueFormat: "influxql", hasExtras: true } as const };
  const sources = [{ uid: "i", name: "Influx", type: "influxdb", isDefault: true }];
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ sources, kinds: [kind] })));
  await fetchSources();
  const lookup = (): { readonly values: readonly string[]; readonly isMulti: boolean } => ({
    values: ["it's"],
    isMulti: false,
  });
  const query = { query: "SELECT v FROM m WHERE host = '$host'" };
  expect(filledQuery(query, kind, lookup as never)).toEqual({
    query: String.raw`SELECT v FROM m WHERE host = 'it\'s'`,
  });
});
