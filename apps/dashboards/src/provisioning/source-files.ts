import type { Logger } from "@narthex/runtime";
import type { SourceChange } from "../datasources/source-change.ts";
import { type SourceDraft, uidOfName } from "../datasources/source-record.ts";
import type { SourceStore } from "../datasources/source-store.ts";
import { Refusal } from "../web/refusal.ts";
import { checkFiles, type ProvisionedMap, type ProvisioningFile, ProvisioningError } from "./provisioning-file.ts";

interface FileSource {
  readonly draft: SourceDraft;
  readonly place: string;
  readonly editable: boolean;
  /** Version number of the source in the file, or 0 if the file sets no version. */
  readonly version: number;
}

export interface SourceFiles {
  readonly sources: readonly FileSource[];
  /** Names of data sources to delete before the others are added. */
  readonly deleted: readonly string[];
  /** Whether to remove provisioned data sources that are not in any of the files. */
  readonly prunes: boolean;
}

/** Reads the data sources in these files. Throws ProvisioningError with all problems. */
export function readSourceFiles(files: readonly ProvisioningFile[], logger: Logger): SourceFiles {
  const sources: FileSource[] = [];
  const deleted: string[] = [];
  let prunes = false;
  for (const file of files) {
    const root = file.rootMap("begin with apiVersion: 1 and datasources:");
    if (root === undefined) continue;
    if (file.isOld)
      logger.warn("A provisioning file has no apiVersion: it is read in the old format", { file: file.path });
    for (const entry of root.maps("datasources")) {
      const source = readSource(entry, logger);
      if (source !== undefined) sources.push(source);
    }
    for (const entry of root.maps("deleteDatasources")) deleted.push(entry.text("name"));
    prunes ||= root.flag("prune");
  }
  const defaults = sources.filter(({ draft }) => draft.isDefault);
  const names = new Set(defaults.map(({ draft }) => draft.name));
  checkFiles(files);
  if (names.size > 1) {
    throw new ProvisioningError(
      `${defaults[1]!.place}: Only one datasource per organization can be marked as default; the other one is at ${defaults[0]!.place}`,
    );
  }
  return { sources, deleted, prunes };
}

function readSource(entry: ProvisionedMap, logger: Logger): FileSource | undefined {
  const [name, type] = [entry.text("name"), entry.text("type")];
  if (name === "") entry.refuse("name", "a data source has no name", "add name: and a name");
  if (type === "") entry.refuse("type", `data source ${JSON.stringify(name)} has no type`, "write type: prometheus");
  const orgId = entry.integer("orgId") ?? 1;
  if (orgId > 1) entry.refuse("orgId", `orgId: there is no organization ${orgId}`, "leave the key out");
  const given = entry.text("access") || "proxy";
  if (given !== "proxy" && given !== "direct") {
    logger.warn("A data source has an unknown access: proxy is used", { place: entry.place, access: given });
  }
  if (name === "" || type === "") return undefined;
  return {
    place: entry.place,
    editable: entry.flag("editable"),
    version: entry.integer("version") ?? 0,
    draft: {
      uid: entry.text("uid"),
      name,
      type,
      access: given === "direct" ? "direct" : "proxy",
      url: entry.text("url"),
      user: entry.text("user"),
      database: entry.text("database"),
      basicAuth: entry.flag("basicAuth"),
      basicAuthUser: entry.text("basicAuthUser"),
      withCredentials: entry.flag("withCredentials"),
      isDefault: entry.flag("isDefault"),
      jsonData: entry.json("jsonData"),
      secureJsonData: entry.texts("secureJsonData"),
    },
  };
}

/**
 * Applies the contents of the files to the store, either completely or not at all. Rejects with ProvisioningError or
 * StoreError.
 */
export async function applySourceFiles(files: SourceFiles, store: SourceStore): Promise<void> {
  await store.change((change) => applyTo(change, files));
}

function applyTo(change: SourceChange, { sources, deleted, prunes }: SourceFiles): void {
  for (const name of deleted) {
    const source = change.byName(name);
    if (source !== undefined) change.remove(source);
  }
  for (const source of sources) {
    try {
      applySource(change, source);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new ProvisioningError(
        `${source.place}: data source ${JSON.stringify(source.draft.name)}: ${error.message}`,
        { cause: error },
      );
    }
  }
  if (!prunes) return;
  const kept = new Set(sources.map(({ draft }) => draft.name));
  for (const source of change.values()) if (source.isProvisioned && !kept.has(source.name)) change.remove(source);
}

function applySource(change: SourceChange, { draft, editable, version }: FileSource): void {
  const options = {
    isProvisioned: true,
    readOnly: !editable,
    keepSecrets: false,
    ...(version > 0 ? { version } : {}),
  };
  const before = change.byName(draft.name);
  if (before === undefined) change.add({ ...draft, uid: draft.uid || uidOfName(draft.name) }, options);
  else if (version === 0 || before.version <= version) change.update(before, draft, options);
}
