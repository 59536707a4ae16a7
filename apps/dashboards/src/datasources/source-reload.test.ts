import { expect, test } from "vitest";
import { withRole, writeBelow } from "../testing/running-role.ts";

const FILE = "provisioning/datasources/a.yml";
const RELOAD = "/api/admin/provisioning/datasources/reload";
const source = (name: string, more = ""): string => `
  - name: ${name}
    type: prometheus
    url: http://127.0.0.1:9
    secureJsonData: { basicAuthPassword: hush }${more}`;
const file = (...sources: string[]): string => `apiVersion: 1\ndatasources:${sources.join("")}\n`;

test("if a reload fails, none of its changes are made", async () => {
  await withRole({ files: { [FILE]: file(source("A"), source("B")) } }, async ({ call, folder }) => {
    const before = (await call("GET", "/api/datasources")).json;
    const clash = source("C", "\n    uid: same") + source("D", "\n    uid: same");
    const text = `${file(source("A", "\n    isDefault: true"), clash)}deleteDatasources: [{ name: B }]\n`;
    writeBelow(folder, FILE, text);
    const { status, json } = await call("POST", RELOAD);
    expect([status, json.message]).toEqual([
      500,
      expect.stringContaining('data source "D": data source with the same uid already exists'),
    ]);
    expect((await call("GET", "/api/datasources")).json).toEqual(before);
    writeBelow(folder, FILE, file(source("A", "\n    isDefault: true"), source("C")));
    await Promise.all([call("POST", RELOAD), call("POST", RELOAD), call("POST", RELOAD)]);
    const names = (await call("GET", "/api/datasources")).json.map(({ name, id }: { name: string; id: number }) => [
      name,
      id,
    ]);
    expect(names).toEqual([
      ["A", 1],
      ["B", 2],
      ["C", 3],
    ]);
  });
});

test("a reload does not change sources with secrets that are identical to the stored ones", async () => {
  await withRole({ files: { [FILE]: file(source("A"), source("B")) } }, async ({ call, folder }) => {
    const version = async (name: string) => (await call("GET", `/api/datasources/name/${name}`)).json.version;
    await call("POST", RELOAD);
    expect([await version("A"), await version("B")]).toEqual([1, 1]);
    writeBelow(folder, FILE, file(source("A").replace("hush", "other"), source("B")));
    await call("POST", RELOAD);
    expect([await version("A"), await version("B")]).toEqual([2, 1]);
  });
});

test("a provisioned source that a user has changed reads no files of this machine, until its file is applied again", async () => {
  const path = (file: string): string => `
  - name: S
    uid: s
    type: frser-sqlite-datasource
    editable: true
    jsonData: { path: ${file} }`;
  await withRole({ files: { [FILE]: file(path("/nowhere/a")) } }, async ({ call, folder }) => {
    const health = async () => (await call("GET", "/api/datasources/uid/s/health")).json.message;
    const { json: before } = await call("GET", "/api/datasources/uid/s");
    const put = async (more: object) =>
      (await call("PUT", "/api/datasources/uid/s", { ...before, version: 0, ...more })).status;
    expect(await health()).toContain("no file exists");
    expect(await put({ name: "Other" })).toBe(200);
    expect(await health()).toContain("no file exists");
    expect(await put({ jsonData: { path: "/nowhere/b" } })).toBe(200);
    expect(await health()).toContain("define such a source in a provisioning file");
    expect(await put({})).toBe(200);
    expect(await health()).toContain("define such a source in a provisioning file");
    writeBelow(folder, FILE, file(path("/nowhere/a")));
    await call("POST", RELOAD);
    expect(await health()).toContain("no file exists");
  });
});
