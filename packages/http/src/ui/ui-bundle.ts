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
 * In a checkout, builds the user interface if its bundle is missing or older than its sources. Never rejects.
 * @param folder the bundle's folder (`uiFolder`)
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
