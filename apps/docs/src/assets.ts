import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { themeColors } from "@narthex/ui/theme-colors";
import { rolldown } from "rolldown";

const folder = join(import.meta.dirname, "..");

/** Writes styles, scripts and the icon into `assets/`. Returns their paths on the site. */
export async function writeAssets(out: string): Promise<Readonly<Record<"style" | "theme" | "page" | "icon", string>>> {
  mkdirSync(join(out, "assets"), { recursive: true });
  const write = (name: string, ending: string, text: string): string => {
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
    const path = `assets/${name}-${hash}.${ending}`;
    writeFileSync(join(out, path), text);
    return path;
  };
  const style = `${colors()}${readFileSync(join(folder, "theme/style.css"), "utf8")}`;
  return {
    style: write("style", "css", style),
    theme: write("theme", "js", await bundled("theme.ts")),
    page: write("page", "js", await bundled("page.ts")),
    icon: write("icon", "svg", readFileSync(fileURLToPath(import.meta.resolve("@narthex/ui/favicon.svg")), "utf8")),
  };
}

/** Returns the CSS variables of both colour schemes of the Narthex UI. */
function colors(): string {
  const variables = (scheme: "light" | "dark"): string =>
    Object.entries(themeColors[scheme])
      .map(([name, value]) => `${name}:${value};`)
      .join("");
  return `:root{color-scheme:light;${variables("light")}}:root[data-theme="dark"]{color-scheme:dark;${variables("dark")}}\n`;
}

/** Bundles a browser program into one classic (non-module) script. Rejects if it does not compile. */
async function bundled(entry: string): Promise<string> {
  const build = await rolldown({ input: join(folder, "client", entry), platform: "browser" });
  const { output } = await build.generate({ format: "iife", minify: true });
  await build.close();
  return output[0].code;
}
