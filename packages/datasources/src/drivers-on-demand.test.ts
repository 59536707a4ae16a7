import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("the drivers of databases are loaded only when a source of their kind connects", () => {
  const program = `
    import { createRequire } from "node:module";
    const { openDataSource, QueryDesk } = await import(${JSON.stringify(import.meta.resolve("./index.ts"))});
    const { systemClock } = await import("@narthex/runtime");
    const environment = { clock: systemClock, userAgent: "", desk: new QueryDesk({ clock: systemClock }) };
    const drivers = () => {
      const files = Object.keys(createRequire(import.meta.url).cache);
      return ["pg", "pg-cursor", "mysql2"].filter((name) => files.some((file) => file.includes("/" + name + "/")));
    };
    const none = { uid: "u", name: "n", user: "u", database: "", jsonData: {}, secureJsonData: {} };
    const [postgres, mysql] = ["postgres", "mysql"].map((type) =>
      openDataSource({ ...none, type, url: "127.0.0.1:1" }, environment));
    const before = drivers();
    await postgres.health(new AbortController().signal);
    const between = drivers();
    await mysql.health(new AbortController().signal);
    process.stdout.write(JSON.stringify([before, between, drivers()]));
  `;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const written = execFileSync(process.execPath, args, { encoding: "utf8", cwd: import.meta.dirname });
  expect(JSON.parse(written)).toEqual([[], ["pg", "pg-cursor"], ["pg", "pg-cursor", "mysql2"]]);
});

test("the parser of CSV is loaded with the first document", () => {
  const program = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve(name, context, next) { seen.push(name); return next(name, context); } });
    const { openDataSource, QueryDesk } = await import(${JSON.stringify(import.meta.resolve("./index.ts"))});
    const { systemClock } = await import("@narthex/runtime");
    const environment = { clock: systemClock, userAgent: "", desk: new QueryDesk({ clock: systemClock }) };
    const none = { uid: "u", name: "n", user: "", database: "", url: "", jsonData: {}, secureJsonData: {} };
    const source = openDataSource({ ...none, type: "yesoreyeram-infinity-datasource" }, environment);
    const before = seen.includes("csv-parse");
    const query = { refId: "A", range: { from: 0, to: 1 }, source: { type: "csv", source: "inline", data: "a" } };
    await source.query([query], new AbortController().signal);
    process.stdout.write(JSON.stringify([before, seen.includes("csv-parse")]));
  `;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const written = execFileSync(process.execPath, args, { encoding: "utf8", cwd: import.meta.dirname });
  expect(JSON.parse(written)).toEqual([false, true]);
});
