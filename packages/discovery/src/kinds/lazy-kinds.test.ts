import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "..");

/** Kinds that are part of the server's first code: Prometheus users need them most often. */
const ALWAYS_LOADED = ["consul", "dns", "docker", "dockerswarm", "file", "http", "kubernetes"];

/** Files for the requests of a kind. */
const NEEDED_BY_REQUESTS = ["answers/json-api.ts", "answers/json-value.ts", "answers/pages.ts"];

/** Returns a file and all files that are loaded with it, by imports at its beginning. */
function loadedWith(file: string, found = new Set<string>()): ReadonlySet<string> {
  const left = [file];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const text = readFileSync(path, "utf8");
    for (const [, clause, specifier] of text.matchAll(/^(?:import|export) ([^;]*?) ?from "(\.[^"]+)";/gm))
      if (!clause!.startsWith("type ")) left.push(join(dirname(path), specifier!));
  }
  return found;
}

test("a server that does not use a kind of discovery loads only its section", () => {
  const registry = readFileSync(join(src, "registry.ts"), "utf8");
  const kinds = [...registry.matchAll(/from "\.\/(kinds\/([^/"]+)\/[^"]+)"/g)].filter(
    ([, , folder]) => !ALWAYS_LOADED.includes(folder!),
  );
  expect(kinds.length).toBeGreaterThan(5);
  const wrong = kinds.flatMap(([, path]) =>
    [...loadedWith(join(src, path!))]
      .map((file) => relative(src, file))
      .filter((file) => NEEDED_BY_REQUESTS.includes(file))
      .map((file) => `${path} loads ${file} at the start`),
  );
  expect(wrong).toEqual([]);
});
