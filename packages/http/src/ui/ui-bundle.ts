import { dirname } from "node:path";
import { type BuildOptions, ensureBuiltFolder } from "../checkout/built-folder.ts";

const VITE = "node_modules/vite/bin/vite.js";
/** Source files of the user interface, relative to the app's folder. They include a package that renders dashboards. */
const SOURCES = [
  "src",
  "public",
  "build",
  "index.html",
  "vite.config.ts",
  "package.json",
  "../../packages/dashboards/src",
];

/**
 * Builds the user interface if its bundle is missing or older than its sources. Does so only in a checkout. Never
 * rejects.
 * @param folder folder of the bundle (`uiFolder`)
 */
export const ensureUiBundle = (folder: string, options: BuildOptions): Promise<void> =>
  ensureBuiltFolder(
    folder,
    {
      name: "user interface",
      app: dirname(folder),
      sources: SOURCES,
      needs: ["src", VITE],
      command: (out) => [VITE, "build", "--outDir", out, "--emptyOutDir", "--logLevel", "error"],
    },
    options,
  );
