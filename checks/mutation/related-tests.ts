import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { importsOf, manifests, root, sourceFiles } from "../sources.ts";

/** Finds the unit tests that import a source file, directly or indirectly, nearest first. */
export class RelatedTests {
  /** For each file, the paths of the files that import it. */
  readonly #importers = new Map<string, string[]>();

  constructor() {
    const packages = new Map([...manifests()].map(([folder, { name }]) => [name, folder]));
    for (const file of sourceFiles()) {
      for (const { specifier } of importsOf(file)) {
        const imported = resolve(file.path, specifier, packages);
        if (imported !== undefined) this.#importersOf(imported).push(file.path);
      }
    }
  }

  /**
   * Returns the tests that import a file, and that are in its package, sorted by distance. The file's own test is
   * first, then come tests of its folder, then other tests by the number of imports between the test and the file.
   */
  of(path: string): string[] {
    const own = path.split("/").slice(0, 2).join("/");
    const seen = new Set([path]);
    const tests: string[] = [];
    for (const file of seen) {
      for (const importer of this.#importersOf(file)) {
        if (importer.startsWith(`${own}/`)) seen.add(importer);
      }
      if (file.endsWith(".test.ts")) tests.push(file);
    }
    const named = path.replace(/\.ts$/, ".test.ts");
    const nearness = (test: string): number => Number(test === named) + Number(dirname(test) === dirname(path));
    return tests.toSorted((a, b) => nearness(b) - nearness(a));
  }

  #importersOf(path: string): string[] {
    const known = this.#importers.get(path) ?? [];
    this.#importers.set(path, known);
    return known;
  }
}

function resolve(importer: string, specifier: string, packages: ReadonlyMap<string, string>): string | undefined {
  if (specifier.startsWith(".")) return normalize(join(dirname(importer), specifier));
  const [, name = "", entry] = /^(@narthex\/[^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  const folder = packages.get(name);
  if (folder === undefined) return undefined;
  const path = join(folder, "src", entry ?? "", "index.ts");
  return existsSync(join(root, path)) ? path : undefined;
}
