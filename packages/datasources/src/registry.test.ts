import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { descriptionOf } from "./data-source-kind.ts";
import { DATA_SOURCE_KINDS, dataSourceKind, openDataSource } from "./registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "./testing/fake-server.ts";

test("each plugin type belongs to only one kind of data source", () => {
  const types = DATA_SOURCE_KINDS.flatMap((kind) => kind.types);
  expect(new Set(types).size).toBe(types.length);
  expect(dataSourceKind("testdata")!.types[0]).toBe("grafana-testdata-datasource");
});

test("the table of kinds in the documentation has a row for each kind that can be added", () => {
  const page = readFileSync(new URL("../../../docs/data-sources.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| "));
  const added = DATA_SOURCE_KINDS.filter(({ isBuiltIn = false }) => !isBuiltIn).map(({ types }) => types[0]!);
  expect(added.filter((type) => !rows.some((row) => row.includes(`\`${type}\``)))).toEqual([]);
});

test.each([
  ["magic", "http://a", 'data source "Source" is of type "magic", which is not supported; supported are prometheus'],
  ["prometheus", "", 'the URL of data source "Source" is not valid; write http://host:port'],
  ["alertmanager", "ftp://a", 'the URL of a data source starts with http or https, not with "ftp"'],
])("a source of type %s at %j answers every request with its problem", async (type, url, problem) => {
  const source = openDataSource(settingsOf(type, url), environmentAt(0));
  const answers = await source.query([queryOf({})], never());
  expect(answers.get("A")).toMatchObject({ status: 400, error: expect.stringContaining(problem) });
  expect(await source.health(never())).toMatchObject({ status: "ERROR", message: expect.stringContaining(problem) });
  await expect(source.variableValues!("", { from: 0, to: 1 }, never())).rejects.toThrow(problem);
  await expect(source.annotations!({}, { from: 0, to: 1 }, never())).rejects.toThrow(problem);
  await source.close();
});

test("the pages get the description of each kind as JSON, without what only the server needs", () => {
  for (const kind of DATA_SOURCE_KINDS) {
    const description = descriptionOf(kind);
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    const own = new Set(["routes", "defaults", "settings", "isBuiltIn", "pages", "open", "rulePaths"]);
    expect(new Set(Object.keys(description))).toEqual(new Set(Object.keys(kind)).difference(own));
    expect(description).toMatchObject({ types: kind.types, name: kind.name, features: kind.features });
  }
});

test("each input of a form is for a setting that the API stores, and secrets are stored encrypted", () => {
  const places = new Set(["url", "user", "database", "basicAuth", "basicAuthUser", "jsonData", "secureJsonData"]);
  for (const { settings } of DATA_SOURCE_KINDS) {
    expect(new Set(settings.map(({ path }) => path.join("."))).size).toBe(settings.length);
    for (const { path, type, when } of settings) {
      expect(places).toContain(path[0]);
      // An object in jsonData, such as tracesToLogsV2, has inputs for its properties.
      expect(path[0] === "jsonData" ? [2, 3] : [path[0] === "secureJsonData" ? 2 : 1]).toContain(path.length);
      expect(type.startsWith("secret")).toBe(path[0] === "secureJsonData");
      if (when !== undefined) expect(settings.map((one) => one.path)).toContainEqual(when.path);
    }
  }
});
