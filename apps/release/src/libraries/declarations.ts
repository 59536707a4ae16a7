import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { file, type FileTree } from "../files/file-tree.ts";
import { runProgram } from "../parts/run-program.ts";
import { ReleaseError } from "../release-error.ts";

/** Specifiers as the compiler writes them: `from "x"`, `import("x")`. */
const SPECIFIER = /(\bfrom |\bimport\()"([^"\n]{1,200})"/g;

/**
 * Returns the type declarations of sources of the workspace and of all that they import from it. A declaration is at
 * PACKAGE/FILE.d.ts, and refers to others by relative paths. Rejects with ReleaseError if a declaration needs a package
 * that is not allowed.
 * @param sources paths below `root`
 */
export async function declarations(
  root: string,
  sources: readonly string[],
  isAllowed: (specifier: string) => boolean,
  signal: AbortSignal,
): Promise<FileTree> {
  const work = mkdtempSync(join(tmpdir(), "narthex-types-"));
  try {
    await emit(root, sources, work, signal);
    const tree = new Map<string, ReturnType<typeof file>>();
    const waiting = [...sources];
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      const place = publishedPlace(source);
      if (tree.has(place)) continue;
      const text = readFileSync(join(work, declarationOf(source)), "utf8");
      const from = source;
      const published = text.replace(SPECIFIER, (whole, before: string, specifier: string) => {
        const to = sourceOf(from, specifier);
        if (to === undefined) {
          if (isAllowed(specifier)) return whole;
          throw new ReleaseError(`the types of ${from} need ${specifier}, which is not part of the library`);
        }
        waiting.push(to);
        const path = `${relative(dirname(place), publishedPlace(to)).slice(0, -".d.ts".length)}.js`;
        return `${before}"${path.startsWith(".") ? path : `./${path}`}"`;
      });
      tree.set(place, file(published));
    }
    return tree;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes the declarations with the compiler, which does not check the types: the gate does. */
async function emit(root: string, sources: readonly string[], out: string, signal: AbortSignal): Promise<void> {
  const settings = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true,
      rootDir: root,
      outDir: out,
      typeRoots: [join(root, "node_modules/@types")],
      // Without this, packages of the workspace would be found below node_modules, of which nothing is written.
      paths: { "@narthex/*": [join(root, "packages/*/src/index.ts")] },
    },
    files: sources.map((source) => join(root, source)),
  };
  const path = join(out, "tsconfig.json");
  writeFileSync(path, JSON.stringify(settings));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  await runProgram(process.execPath, [compiler, "-p", path], { cwd: root, signal });
}

const declarationOf = (source: string): string => `${source.slice(0, -".ts".length)}.d.ts`;

/** `packages/model/src/grid.ts` is published as `model/grid.d.ts`. */
export function publishedPlace(source: string): string {
  const [, name = "", , ...rest] = declarationOf(source).split("/");
  return join(name, ...rest);
}

/** Returns the source of the workspace that a specifier names, or undefined if it names something else. */
function sourceOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return join(dirname(from), specifier);
  const [scope, name, ...rest] = specifier.split("/");
  return scope === "@narthex" && rest.length === 0 ? `packages/${name}/src/index.ts` : undefined;
}
