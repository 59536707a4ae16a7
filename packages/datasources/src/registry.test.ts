import { expect, test } from "vitest";
import { DATA_SOURCE_KINDS, dataSourceKind, openDataSource } from "./registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "./testing/fake-server.ts";

test("each plugin type belongs to only one kind of data source", () => {
  const types = DATA_SOURCE_KINDS.flatMap((kind) => kind.types);
  expect(new Set(types).size).toBe(types.length);
  expect(dataSourceKind("testdata")!.types[0]).toBe("grafana-testdata-datasource");
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
