import { readFileSync } from "node:fs";
import { format } from "node:util";
import { createContext, runInContext } from "node:vm";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The examples in the README, with their expected output. */
const examples = [...readme.matchAll(/```ts\n(.*?)```[^`]*?```text\n(.*?)```/gs)].map(([, code, printed]) => ({
  title: code!.slice(0, code!.indexOf("\n")),
  code: code!,
  printed: printed!,
}));

/**
 * The global objects of a browser that the engine may use. Node's own globals, such as process, Buffer and require, are
 * missing.
 */
const browserGlobals = (print: (...words: unknown[]) => void): object => ({
  AbortController,
  clearTimeout,
  console: { log: print },
  performance,
  setTimeout,
  TextDecoder,
  TextEncoder,
});

/** Bundles an example and all imported code of the packages into one script for a browser. */
async function bundle(source: string): Promise<{ code: string; imports: readonly string[] }> {
  const entry = new URL("example.ts", import.meta.url).pathname;
  const build = await rolldown({
    input: entry,
    platform: "browser",
    external: [/^node:/],
    plugins: [
      {
        name: "example",
        resolveId: (id) =>
          id === entry || id === "@narthex/promql" ? id.replace("@narthex/promql", libraryPath) : null,
        load: (id) => (id === entry ? source : null),
      },
    ],
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return { code: output[0].code, imports: output[0].imports };
}

const libraryPath = new URL("library.ts", import.meta.url).pathname;

test.each(examples)("an example of the README runs without Node: $title", async ({ code: source, printed }) => {
  const { code, imports } = await bundle(source);
  expect(imports).toEqual([]);
  expect(code).not.toMatch(/\bnode:|\brequire\(|\bprocess\.|\bBuffer\b/);
  const lines: string[] = [];
  const context = createContext(browserGlobals((...words) => lines.push(`${format(...words)}\n`)));
  await runInContext(`(async () => {${code.replace(/^export \{.*?\};?$/m, "")}})()`, context);
  expect(lines.join("")).toBe(printed);
});
