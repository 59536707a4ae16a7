import { Document, Scalar, visit } from "yaml";
import type { NewFile } from "../../init/new-files.ts";
import type { GrafanaContents, StoredDashboard, StoredSource } from "./grafana-database.ts";

/** Folder for dashboards exported from a Grafana database, relative to the migration plan's folder. */
export const DASHBOARDS = "grafana/dashboards";
/**
 * Subfolder for dashboards that not all users could see and change. Its name begins with a dot, so that the provider of
 * the parent folder skips it.
 */
const FOR_ADMINS = ".for-admins";
export const PROVISIONING = "grafana/provisioning";

/**
 * Returns dashboard files in their former folders, and provisioning files for dashboards and data sources. The secrets
 * of data sources are not included.
 * @param folder path of the dashboards' folder when the server reads them
 */
export function exportedFiles(
  { dashboards, sources }: Pick<GrafanaContents, "dashboards" | "sources">,
  folder: string,
): readonly NewFile[] {
  const files: NewFile[] = [];
  const names = new Set<string>();
  for (const dashboard of dashboards) {
    const path = freePath(dashboard, names);
    files.push({ path, text: `${JSON.stringify(dashboard.json, null, 2)}\n`, isSecret: false });
  }
  if (dashboards.length > 0) {
    const text = providerFile(folder, dashboards);
    files.push({ path: `${PROVISIONING}/dashboards/migrated.yml`, text, isSecret: false });
  }
  if (sources.length > 0) {
    // Only the owner may read the file, because the user has to add secrets to it.
    const isSecret = sources.some(({ secrets }) => secrets.length > 0);
    files.push({ path: `${PROVISIONING}/datasources/migrated.yml`, text: sourcesFile(sources), isSecret });
  }
  return files;
}

function freePath({ uid, title, folders, isForAdmins }: StoredDashboard, taken: Set<string>): string {
  const parts = [...(isForAdmins ? [FOR_ADMINS] : []), ...folders.map(folderName), slugOf(title) || "dashboard"];
  const base = `${DASHBOARDS}/${parts.join("/")}`;
  const path = taken.has(`${base}.json`) ? `${base}-${slugOf(uid)}` : base;
  let name = `${path}.json`;
  for (let i = 2; taken.has(name); i++) name = `${path}-${i}.json`;
  taken.add(name);
  return name;
}

/** Returns a folder name for a title. Characters that a file name cannot contain become a dash. */
const folderName = (title: string): string =>
  title
    .replaceAll(/[/\\\p{Cc}]/gu, "-")
    .replace(/^\.+/, "-")
    .slice(0, 100)
    .trim() || "-";

const slugOf = (title: string): string =>
  title
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 80);

function providerFile(folder: string, dashboards: readonly StoredDashboard[]): string {
  const provider = (name: string, path: string): object => ({
    name,
    type: "file",
    allowUiUpdates: true,
    options: { path: escaped(path), foldersFromFilesStructure: true },
  });
  // The restricted provider comes first: if two providers use the same folder, the first one creates it, and the folder
  // must be restricted.
  const restricted = { ...provider("migrated for admins", `${folder}/${FOR_ADMINS}`), adminsOnly: true };
  const providers = [
    ...(dashboards.some(({ isForAdmins }) => isForAdmins) ? [restricted] : []),
    provider("migrated", folder),
  ];
  const head = "# Dashboards of Grafana's database. Change them in the browser, or in their files.\n";
  return head + yamlOf({ apiVersion: 1, providers });
}

function sourcesFile(sources: readonly StoredSource[]): string {
  const datasources = sources.map(({ name, uid, type, settings, secrets }) => ({
    name: escaped(name),
    ...(uid === "" ? {} : { uid: escaped(uid) }),
    type,
    ...(withEscapes(settings) as object),
    editable: true,
    ...(secrets.length > 0 ? { secureJsonData: Object.fromEntries(secrets.map((key) => [key, ""])) } : {}),
  }));
  const head =
    "# Data sources of Grafana's database. Their secrets are encrypted there: write them below secureJsonData.\n";
  return head + yamlOf({ apiVersion: 1, datasources });
}

/** Words of at least three letters that YAML 1.1 or 1.2 reads as a boolean, null or number. */
const NO_TEXTS: ReadonlySet<string> = new Set(["true", "false", "null", "yes", "off", "nan", "inf"]);
const PLAIN_TEXT = /^[a-z/][\w./-]{2,}$/i;

/**
 * Formats content as YAML in which all but simple texts are quoted. YAML 1.1 readers, such as Grafana's, read a plain
 * `n` as false and `1:30` as a number.
 */
function yamlOf(content: object): string {
  const document = new Document(content);
  visit(document, {
    Scalar(_, scalar) {
      const { value } = scalar;
      if (typeof value === "string" && PLAIN_TEXT.test(value) && !NO_TEXTS.has(value.toLowerCase()))
        scalar.type = Scalar.PLAIN;
    },
  });
  return document.toString({ lineWidth: 0, defaultStringType: "QUOTE_DOUBLE" });
}

/** Doubles each `$`, because provisioning files treat `$` as the start of a variable. */
const escaped = (text: string): string => text.replaceAll("$", "$$$$");

function withEscapes(value: unknown): unknown {
  if (typeof value === "string") return escaped(value);
  if (Array.isArray(value)) return value.map(withEscapes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withEscapes(item)]));
}
