import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Returns the first block of a language in the README. */
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(readme)![1]!;

/** The globals of a browser besides those of the language. None of Node: no process, Buffer or require. */
const browserGlobals = (print: (...words: unknown[]) => void): object => ({
  AbortController,
  clearTimeout,
  console: { log: print },
  performance,
  setTimeout,
  TextDecoder,
  TextEncoder,
});

/** Bundles the example, and all that it imports from the packages, into one script for a browser. */
async function bundle(): Promise<{ code: string; imports: readonly string[] }> {
  const entry = new URL("example.ts", import.meta.url).pathname;
  const build = await rolldown({
    input: entry,
    platform: "browser",
    external: [/^node:/],
    plugins: [
      {
        name: "example",
        resolveId: (id) => (id === entry || id === "@narthex/promql" ? id.replace("@narthex/promql", indexPath) : null),
        load: (id) => (id === entry ? block("ts") : null),
      },
    ],
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return { code: output[0].code, imports: output[0].imports };
}

const indexPath = new URL("index.ts", import.meta.url).pathname;

test("the README's example runs without Node", async () => {
  const { code, imports } = await bundle();
  expect(imports).toEqual([]);
  expect(code).not.toMatch(/\bnode:|\brequire\(|\bprocess\.|\bBuffer\b/);
  const printed: string[] = [];
  const context = createContext(browserGlobals((...words) => printed.push(words.join(" "))));
  await runInContext(`(async () => {${code.replace(/^export \{.*?\};?$/m, "")}})()`, context);
  expect(printed.map((line) => `${line}\n`).join("")).toBe(block("text"));
});
