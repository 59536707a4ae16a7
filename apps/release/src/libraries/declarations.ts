import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { file, type FileTree } from "../files/file-tree.ts";
import { runProgram } from "../parts/run-program.ts";
import { ReleaseError } from "../release-error.ts";

/** Matches module specifiers in the compiler's output: `from "x"`, `import("x")`. */
const SPECIFIER = /(\bfrom |\bimport\()"([^"\n]{1,200})"/g;

/**
 * Returns the type declarations of the given sources, and of all workspace sources that they import. Files are named
 * PACKAGE/FILE.d.ts and use relative imports. Rejects with ReleaseError if a declaration needs a package that is not
 * allowed.
 * @param sources paths below `root`
 */
export async function declarations(
  root: string,
  sources: readonly string[],
  isAllowed: (specifier: string) => boolean,
  signal: AbortSignal,
): Promise<FileTree> {
  using temporary = mkdtempDisposableSync(join(tmpdir(), "narthex-types-"));
  const work = temporary.path;
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
}

/** Runs the compiler to write the declarations. This function does not check types, because checks/gate.ts does. */
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
      // Without this path mapping, the compiler would find workspace packages in node_modules and write no declarations
      // for them.
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

/** Returns the published path of a source: `model/grid.d.ts` for `packages/model/src/grid.ts`. */
export function publishedPlace(source: string): string {
  const [, name = "", , ...rest] = declarationOf(source).split("/");
  return join(name, ...rest);
}

/** Returns the path of the workspace source that a specifier refers to, or undefined for other modules. */
function sourceOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return join(dirname(from), specifier);
  const [scope, name, ...rest] = specifier.split("/");
  return scope === "@narthex" && rest.length === 0 ? `packages/${name}/src/index.ts` : undefined;
}
