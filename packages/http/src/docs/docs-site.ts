import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Host } from "@narthex/runtime";
import { type BuildOptions, ensureBuiltFolder } from "../checkout/built-folder.ts";

/** Sources of the documentation site, relative to the app's folder. They include files of the user interface. */
const SOURCES = [
  "../../docs",
  "build.ts",
  "client",
  "package.json",
  "src",
  "theme",
  "../ui/build/precompress.ts",
  "../ui/src/styles/theme-colors.ts",
];

/**
 * Returns the folder of the built documentation site: NARTHEX_DOCS_DIR, `docs` next to a bundle, or the app in the
 * workspace.
 */
export function docsFolder({ env, cwd }: Pick<Host, "env" | "cwd">, from: string = import.meta.url): string {
  const given = env["NARTHEX_DOCS_DIR"] ?? "";
  if (given !== "") return resolve(cwd, given);
  return fileURLToPath(new URL(from.endsWith(".ts") ? "../../../../apps/docs/dist" : "./docs", from));
}

/**
 * Builds the documentation site if it is missing or older than its sources. Does so only in a checkout. Never rejects.
 * @param folder folder of the site (`docsFolder`)
 */
export const ensureDocsSite = (folder: string, options: BuildOptions): Promise<void> =>
  ensureBuiltFolder(
    folder,
    {
      name: "documentation",
      app: dirname(folder),
      sources: SOURCES,
      needs: ["src", "node_modules/@11ty/eleventy/package.json"],
      command: (out) => ["build.ts", out],
    },
    options,
  );
