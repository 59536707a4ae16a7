import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { libraries as format } from "../formats/libraries.ts";
import { Output } from "../output.ts";
import { Lockfile } from "../records/lockfile.ts";
import { smallParts } from "../testing/small-parts.ts";
import { libraries } from "./registry.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");

/** A code example in a README, with its expected output. */
interface Example {
  readonly file: string;
  readonly code: string;
  readonly printed: string;
}

const examples = libraries.flatMap(({ name }): Example[] => {
  const readme = readFileSync(join(root, "packages", name, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```ts\n(.*?)```[^`]*?```text\n(.*?)```/gs)];
  return blocks.map(([, code, printed], i) => ({ file: `${name}-${i}.mts`, code: code!, printed: printed! }));
});

/** An empty folder into which npm installs the tarballs of all libraries. */
let folder = "";

const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" },
  });

beforeAll(async () => {
  const tarballs = temporaryFolder();
  const out = new Output(tarballs, () => {});
  const parts = { ...smallParts(), root, lockfile: new Lockfile(join(root, "pnpm-lock.yaml")) };
  if (!("makeFromSources" in format)) throw new Error("libraries are built from the sources");
  await format.makeFromSources(parts, out, new AbortController().signal);
  folder = temporaryFolder();
  const paths = out.files.map(({ name }) => join(tarballs, name));
  const options = ["--offline", "--no-audit", "--no-fund", `--cache=${temporaryFolder()}`, `--prefix=${folder}`];
  execFileSync("npm", ["install", ...options, ...paths], { cwd: folder, stdio: "pipe" });
  for (const { file, code } of examples) writeFileSync(join(folder, file), code);
});

const installed = (name: string): string => join(folder, "node_modules/@narthex", name);

test("npm installs the libraries into an empty folder without network and without other packages", () => {
  const names = readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" });
  expect(names.filter((path) => path.endsWith("package.json"))).toEqual(
    libraries.map(({ name }) => `@narthex/${name}/package.json`),
  );
  for (const { name } of libraries)
    expect(readdirSync(installed(name)).sort()).toEqual([
      "LICENSE",
      "NOTICES.txt",
      "README.md",
      "lib",
      "package.json",
      "sbom.cdx.json",
      "types",
    ]);
});

test.each(examples)("an example of a README runs and prints what the README shows: $file", ({ file, printed }) => {
  expect(run(file)).toBe(printed);
});

/**
 * Returns the import path of a published library as a string literal. The path is built at run time, so that the source
 * text does not look like an import of this test.
 */
const published = (path: string): string => JSON.stringify(`@narthex/${path}`);

const WRONG = `import { evaluate } from ${published("promql")};
void evaluate({ select: () => [] }, "up", { tim: 0 });
`;

test("the types of the examples are checked, without types of Node", () => {
  writeFileSync(join(folder, "wrong.mts"), WRONG);
  const errors = typeErrors([...examples.map(({ file }) => file), "wrong.mts"], []);
  expect(errors).toMatch(/^wrong\.mts\(2,45\): error TS2353: .{1,200}\n$/);
});

test("the internal part of tsdb has types, which need those of Node", () => {
  writeFileSync(join(folder, "internal.mts"), `export { openTsdb, Tsdb } from ${published("tsdb/internal")};\n`);
  expect(typeErrors(["internal.mts"], ["node"])).toMatch(/^internal\.mts\(1,20\): error TS1205: .{1,200}\n$/);
});

/** Returns the errors of strict checks of files and of the declarations that they import. */
function typeErrors(files: readonly string[], types: readonly string[]): string {
  const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
  const target = { target: "esnext", module: "nodenext", lib: ["esnext", "dom"], isolatedModules: true };
  const typeRoots = [join(root, "node_modules/@types")];
  const compilerOptions = { ...strict, ...target, types, typeRoots, noEmit: true };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  try {
    return run(join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false");
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

test("the code of promql contains no part of Node", () => {
  const code = readFileSync(join(installed("promql"), "lib/library.js"), "utf8");
  expect(code.match(/^import\b.*|\bnode:|\brequire\(|\bprocess\.|\bBuffer\b/gm)).toBe(null);
});

test.each(libraries)("each file that the code of $name names is in the package", ({ name }) => {
  const files = readdirSync(join(installed(name), "lib"));
  const named = files.flatMap((file) =>
    [...readFileSync(join(installed(name), "lib", file), "utf8").matchAll(/"\.\/([\w-]+\.js)"/g)].map(
      ([, path]) => path!,
    ),
  );
  expect(named.filter((path) => !files.includes(path))).toEqual([]);
});

/** Warning that is printed without koffi. npm cannot install koffi without network. */
const NO_FLOCK = "flock is not available: the lock on the data folder keeps out Narthex processes, but not Prometheus";

test("threads of an installed tsdb write blocks, and its internal part opens the folder again", () => {
  const program = `
    import { open } from ${published("tsdb")};
    import { openReadOnly, listBlocks } from ${published("tsdb/internal")};
    const reports = [];
    const db = await open("days", { log: (level, message) => level === "info" || level === "debug" || reports.push(message) });
    const times = Array.from({ length: 1000 }, (_, i) => 1_700_000_000_000 + i * 60_000);
    db.append({ labels: { __name__: "a" }, times, values: times.map((_, i) => i) });
    await db.commit();
    await db.compact();
    await db.close();
    const again = await open("days");
    const [{ values }] = await again.select([], { start: 0, end: Infinity });
    await again.close();
    console.log(JSON.stringify([reports, values.length, values.at(-1), typeof openReadOnly, listBlocks("days").blocks.length > 0]));
  `;
  writeFileSync(join(folder, "threads.mjs"), program);
  expect(JSON.parse(run("threads.mjs"))).toEqual([[NO_FLOCK], 1000, 999, "function", true]);
});
