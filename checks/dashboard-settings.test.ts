import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SETTINGS } from "../apps/dashboards/src/settings/setting-table.ts";
import { root, sourceFiles } from "./sources.ts";

const DASHBOARDS = "apps/dashboards/src/";
/** Files that only pass settings from the server to the web pages, so they do not count as reading a setting. */
const HANDING_ON = new Set([`${DASHBOARDS}web/frontend-settings.ts`, `${DASHBOARDS}web/page-placeholders.ts`]);

const sources = sourceFiles().filter(({ isTest }) => !isTest);
const textOf = (folder: string, isWanted: (path: string) => boolean): string =>
  sources
    .filter(({ path }) => path.startsWith(folder) && isWanted(path))
    .map(({ lines }) => lines.join("\n"))
    .join("\n");
const role = textOf(
  DASHBOARDS,
  (path) => !HANDING_ON.has(path) && !/\/(?:setting-table|sign-in-settings)\.ts$/.test(path),
);
const handedOn = textOf(DASHBOARDS, (path) => HANDING_ON.has(path));
const pages = textOf("apps/ui/src/", () => true);
const document = readFileSync(join(root, "apps/ui/index.html"), "utf8");

/** Reports whether the web pages read a setting, from an API answer or from the HTML document. */
function isReadByPages(key: string): boolean {
  const names = [...handedOn.matchAll(/(\w+): [^\n]*"([\w.]+)"/g)].flatMap(([, name, found]) =>
    found === key ? [name!] : [],
  );
  const fields = names.map((name) => new RegExp(`"(\\w+)": "${name}"`).exec(document)?.[1] ?? name);
  return fields.some((field) => new RegExp(`\\b${field}\\b`).test(pages));
}

/**
 * Matches a setting of a sign-in provider (OAuth). The dashboards server reads such settings by their keys without the
 * section.
 */
const OAUTH_KEY = /^auth\.(?:generic_oauth|github|gitlab|google|azuread|okta)\.(\w+)$/;

/**
 * Reports whether the dashboards server reads a setting by its key, or by its key without the section for sign-in
 * providers.
 */
function isReadByRole(key: string): boolean {
  const [, name] = OAUTH_KEY.exec(key) ?? [];
  const isOfSection = name === "enabled" && role.includes("${section}.enabled");
  return role.includes(`"${key}"`) || isOfSection || (name !== undefined && new RegExp(`\\b${name}\\b`).test(role));
}

test("each documented key of the dashboards' settings is read, by the role or by its pages", () => {
  const unread = Object.keys(SETTINGS).filter((key) => !isReadByRole(key) && !isReadByPages(key));
  expect(unread).toEqual([]);
});
