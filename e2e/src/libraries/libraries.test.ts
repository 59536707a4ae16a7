import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { format } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/headless-browser.ts";
import { api } from "../support/query.ts";
import { lacks, peers } from "../support/requirements.ts";
import { root, Running } from "../support/running.ts";
import { serve } from "../support/serving.ts";
import { Workplace } from "../support/workplace.ts";
import { smallRegistry } from "../support/small-registry.ts";

const { version } = JSON.parse(readFileSync(join(root, "apps/narthex/package.json"), "utf8")) as { version: string };

const node = join(root, "node_modules/.bin/node");
const release = new Workplace();

afterAll(() => release[Symbol.dispose]());

beforeAll(() => {
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1700000000", NARTHEX_REVISION: "0123abcd" };
  const args = [join(root, "apps/release/src/release.ts"), "--format=libraries", `--out=${release.folder}`];
  execFileSync(node, args, { env, stdio: "pipe" });
});

/** Installs an npm library from its tarball. Its dependencies come from a package registry that the test starts. */
async function install(place: Workplace, name: string): Promise<void> {
  const koffi = realpathSync(join(root, "packages/runtime/node_modules/koffi"));
  await using registry = await smallRegistry(place, [
    koffi,
    join(dirname(koffi), `@koromix/koffi-${process.platform}-${process.arch}`),
  ]);
  const options = ["--no-audit", "--no-fund", `--registry=${registry.url}`, `--cache=${place.path("cache")}`];
  const npm = new Running(
    "npm",
    ["install", `--prefix=${place.folder}`, ...options, release.path(`narthex-${name}-${version}.tgz`)],
    { cwd: place.folder },
  );
  expect([(await npm.ended).code, npm.output]).toEqual([0, expect.any(String)]);
}

test.skipIf(lacks("browser"))(
  "the examples of the installed promql run in a browser and print the same as in Node",
  async () => {
    using place = new Workplace();
    await install(place, "promql");
    const library = place.path("node_modules/@narthex/promql");
    const readme = readFileSync(join(library, "README.md"), "utf8");
    const examples = [...readme.matchAll(/```ts\n(.*?)```[^`]*?```text\n(.*?)```/gs)];
    expect(examples.length).toBeGreaterThan(2);
    const browser = await launchBrowser();
    try {
      for (const [, code, printed] of examples) {
        const page = await browser.newPage();
        const lines: Promise<unknown[]>[] = [];
        page.on("console", (line) => void lines.push(Promise.all(line.args().map((word) => word.jsonValue()))));
        const names = JSON.stringify({ imports: { "@narthex/promql": "/library.js" } });
        const script = `${stripTypeScriptTypes(code!)}\nglobalThis.isDone = true;`;
        const body = `<script type="importmap">${names}</script><script type="module">${script}</script>`;
        await page.route("**/*", (route) =>
          route.request().url().endsWith("/library.js")
            ? route.fulfill({ path: join(library, "lib/library.js"), contentType: "text/javascript" })
            : route.fulfill({ body, contentType: "text/html" }),
        );
        await page.goto("http://example.test/page");
        await page.waitForFunction("globalThis.isDone");
        const texts = (await Promise.all(lines)).map((words) => `${format(...words)}\n`);
        expect(texts.join("")).toBe(printed);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  },
);

const MINUTES = 6 * 60;
const START = 1_700_006_400;

/**
 * A program that writes six hours of two series to a TSDB. Keeps the data folder open until its standard input ends,
 * and then prints the samples that it reads.
 */
const WRITER = `
  import { open } from "@narthex/tsdb";
  const reports = [];
  const log = (level, message) => level === "info" || level === "debug" || reports.push(message);
  const db = await open("data", { log });
  const times = Array.from({ length: ${MINUTES} }, (_, i) => ${START}_000 + i * 60_000);
  for (const job of ["a", "b"])
    db.append({ labels: { __name__: "requests_total", job }, times, values: times.map((_, i) => i * job.codePointAt(0)) });
  await db.commit();
  await db.compact();
  console.log("written");
  for await (const _ of process.stdin);
  await db.close();
  console.log(JSON.stringify(reports));
`;

const READER = `
  import { open } from "@narthex/tsdb";
  const db = await open("data");
  const found = await db.select([{ name: "__name__", type: "=", value: "requests_total" }], { start: 0, end: Infinity });
  await db.close();
  console.log(JSON.stringify(found.map(({ labels, times, values }) => [labels.job, times.length, values.at(-1)])));
`;

const FLAGS = ["--storage.tsdb.retention.time=100y"];

test.skipIf(lacks("peers"))(
  "Prometheus reads a folder that the installed tsdb wrote, but not while it is open, and tsdb reads it again",
  async () => {
    using place = new Workplace();
    await install(place, "tsdb");
    await using writer = new Running(node, [place.write("writer.mjs", WRITER)], { cwd: place.folder, input: true });
    await writer.printed(/^written$/m);
    const config = place.write("prometheus.yml", "");
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${place.path("data")}`,
      "--web.listen-address=127.0.0.1:0",
    ];
    await using refused = new Running(join(peers, "prometheus"), [...flags, ...FLAGS]);
    await refused.printed(/resource temporarily unavailable/);
    expect((await refused.ended).code).toBe(1);
    writer.child.stdin!.end();
    expect([(await writer.ended).code, writer.output]).toEqual([0, "written\n[]\n"]);

    {
      await using theirs = await serve("prometheus", place, "data", { config: "", flags: FLAGS });
      const end = START + (MINUTES - 1) * 60;
      const query = { query: "requests_total", start: String(START), end: String(end), step: "60" };
      const { result } = await api<{ result: { metric: { job: string }; values: [number, string][] }[] }>(
        theirs.base,
        "query_range",
        query,
      );
      const expected = (job: string): [number, string][] =>
        Array.from({ length: MINUTES }, (_, i) => [START + i * 60, String(i * job.codePointAt(0)!)]);
      expect(Object.fromEntries(result.map(({ metric, values }) => [metric.job, values]))).toEqual({
        a: expected("a"),
        b: expected("b"),
      });
      theirs.running.kill("SIGTERM");
      await theirs.running.ended;
    }

    const reader = execFileSync(node, [place.write("reader.mjs", READER)], { cwd: place.folder, encoding: "utf8" });
    const last = MINUTES - 1;
    expect(JSON.parse(reader)).toEqual([
      ["a", MINUTES, last * 97],
      ["b", MINUTES, last * 98],
    ]);
  },
);
