import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";
import { below, file, type FileTree, joined } from "../files/file-tree.ts";
import { addressFields } from "../project-address.ts";
import { notices } from "../records/notices.ts";
import { sbom } from "../records/sbom.ts";
import { thirdPartyPackages } from "../records/third-party.ts";
import { ReleaseError } from "../release-error.ts";
import type { SourceParts } from "../release-parts.ts";
import { declarations, publishedPlace } from "./declarations.ts";
import type { Library } from "./registry.ts";

/**
 * Builds the npm package of a library: JavaScript that includes the code of all dependencies except optional ones, type
 * declarations, licences and the SBOM. Rejects with ReleaseError.
 */
export async function libraryPackage(library: Library, parts: SourceParts, signal: AbortSignal): Promise<FileTree> {
  const { root, version, licence, lockfile, source } = parts;
  const folder = `packages/${library.name}`;
  const sources = Object.values(library.exports).map((source) => `${folder}/${source}`);
  const optional = Object.fromEntries(library.optional.map((name) => [name, lockfile.package(name).version]));
  const isAllowed = (specifier: string): boolean =>
    (library.platform === "node" && specifier.startsWith("node:")) || library.optional.includes(specifier);
  const [chunks, types] = await Promise.all([
    bundle(root, library, isAllowed),
    declarations(root, sources, isAllowed, signal),
  ]);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  const others = thirdPartyPackages(root, [folder]);
  const inside = others.filter((one) => modules.some((id) => id.startsWith(`${one.folder}/`)));
  const listed = others.filter((one) => inside.includes(one) || one.name in optional);
  const name = `@narthex/${library.name}`;
  const manifest = {
    name,
    version,
    description: library.description,
    license: "Apache-2.0",
    ...addressFields(source.address, folder),
    type: "module",
    sideEffects: false,
    engines: { node: `>=${library.node}` },
    exports: Object.fromEntries(
      Object.entries(library.exports).map(([subpath, source]) => [
        subpath,
        { types: `./types/${publishedPlace(`${folder}/${source}`)}`, default: `./lib/${entryName(source)}.js` },
      ]),
    ),
    ...(library.optional.length > 0 && { optionalDependencies: optional }),
  };
  return joined(
    below("lib", new Map(chunks.map(({ fileName, code }) => [fileName, file(code)]))),
    below("types", types),
    new Map([
      ["package.json", file(`${JSON.stringify(manifest, null, 2)}\n`)],
      ["README.md", file(readFileSync(join(root, folder, "README.md")))],
      ["LICENSE", file(licence)],
      ["NOTICES.txt", file(notices(inside))],
      ["sbom.cdx.json", file(sbom({ name, version, packages: listed, lockfile }))],
    ]),
  );
}

const entryName = (source: string): string => basename(source, ".ts");

async function bundle(
  root: string,
  library: Library,
  isAllowed: (specifier: string) => boolean,
): Promise<readonly OutputChunk[]> {
  const place = (source: string): string => join(root, "packages", library.name, source);
  const exported = Object.values(library.exports).map((source) => [entryName(source), place(source)]);
  const threads = Object.entries(library.threads).map(([name, source]) => [name, place(source)]);
  const build = await rolldown({
    input: Object.fromEntries([...exported, ...threads]) as Record<string, string>,
    cwd: root,
    platform: library.platform,
    external: (id) => id.startsWith("node:") || isAllowed(id),
    transform: { target: library.platform === "node" ? "node24" : "es2022" },
    // Disables comments with module paths, because they would make the output differ between checkouts.
    experimental: { attachDebugInfo: "none" },
    onLog: (level, log, handle) =>
      log.code === "EVAL" || log.code === "CIRCULAR_DEPENDENCY" ? undefined : handle(level, log),
  });
  try {
    // Puts all files into one folder, because the code that starts a thread expects the thread's program next to it.
    const names = { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" };
    const { output } = await build.generate({ format: "esm", ...names });
    const chunks = output.filter((one) => one.type === "chunk");
    const own = new Set(chunks.map(({ fileName }) => fileName));
    for (const { fileName, imports, dynamicImports } of chunks)
      for (const imported of [...imports, ...dynamicImports])
        if (!own.has(imported) && !isAllowed(imported))
          throw new ReleaseError(`${library.name}: ${fileName} imports ${imported}, which is not part of the library`);
    return chunks;
  } finally {
    await build.close();
  }
}
