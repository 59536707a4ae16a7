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
