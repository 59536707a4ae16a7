import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import type { Host } from "@narthex/runtime";

/** Names of the programs that can render pages, the preferred one first. */
const NAMES = ["chromium", "chromium-browser", "chrome-headless-shell", "google-chrome-stable", "google-chrome"];

/**
 * Returns the path of the browser that renders pages. Returns undefined if no browser is found.
 * @param setting value of `rendering.browser`: a path, `auto` for the first known program in PATH, or `none`
 */
export function findBrowser({ env, cwd }: Pick<Host, "env" | "cwd">, setting: string): string | undefined {
  const word = setting.trim();
  if (word === "none") return undefined;
  if (word !== "" && word !== "auto") return resolve(cwd, word);
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // The file does not exist, or is not a program of this user.
    return false;
  }
}
