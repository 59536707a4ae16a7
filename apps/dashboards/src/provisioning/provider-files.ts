import { resolve } from "node:path";
import type { Logger } from "@narthex/runtime";
import { checkFiles, type ProvisionedMap, type ProvisioningFile } from "./provisioning-file.ts";

/** A provider: a folder with dashboard files, and settings for these dashboards. */
export interface Provider {
  readonly name: string;
  /** Path of the folder with the dashboard files, or of a single file. */
  readonly path: string;
  /** Title of the folder for the provider's dashboards; empty for the root. */
  readonly folder: string;
  readonly folderUid: string;
  readonly disableDeletion: boolean;
  readonly allowUiUpdates: boolean;
  /** Whether only admins may see the provider's dashboards and the folders that it creates. */
  readonly adminsOnly: boolean;
  readonly intervalMs: number;
  /** Whether a dashboard folder is created for each subfolder that contains files. */
  readonly usesFolders: boolean;
}

const DEFAULT_INTERVAL_S = 10;

/** Reads the providers in these files. Throws ProvisioningError with all problems. */
export function readProviderFiles(
  files: readonly ProvisioningFile[],
  cwd: string,
  logger: Logger,
): readonly Provider[] {
  const providers: Provider[] = [];
  const places = new Map<string, string>();
  for (const file of files) {
    for (const entry of entriesOf(file, logger)) {
      const provider = readProvider(entry, cwd);
      const other = places.get(provider.name);
      if (other !== undefined) {
        entry.refuse(
          "name",
          `provider name ${JSON.stringify(provider.name)} is not unique: it is at ${other} too`,
          "give it another one",
        );
      }
      places.set(provider.name, entry.place);
      const sameUid = providers.find(
        ({ folderUid, folder }) => folderUid !== "" && folderUid === provider.folderUid && folder !== provider.folder,
      );
      if (sameUid !== undefined) {
        logger.error("the same folder UID is used more than once", {
          folderUid: provider.folderUid,
          place: entry.place,
        });
      }
      providers.push(provider);
    }
  }
  checkFiles(files);
  return providers;
}

function entriesOf(file: ProvisioningFile, logger: Logger): readonly ProvisionedMap[] {
  const { root } = file;
  if (root === undefined) return [];
  if (file.isOld)
    logger.warn("A provisioning file has no apiVersion: it is read in the old format", { file: file.path });
  if (root.kind === "list") return file.mapsOf(root, "the file");
  const [map] = file.mapsOf({ kind: "list", items: [root], line: 1, column: 1 }, "the file");
  return map?.maps("providers") ?? [];
}

function readProvider(entry: ProvisionedMap, cwd: string): Provider {
  const type = entry.text("type") || "file";
  if (type !== "file") entry.refuse("type", `type: ${JSON.stringify(type)} is not supported`, "write file");
  const orgId = entry.integer("orgId") ?? 1;
  if (orgId > 1) entry.refuse("orgId", `orgId: there is no organization ${orgId}`, "leave the key out");
  const options = entry.map("options");
  const path = options?.text("path") || options?.text("folder") || "";
  if (path === "") entry.refuse("options", "options.path is missing", "name the folder of the dashboards");
  const usesFolders = options?.flag("foldersFromFilesStructure") ?? false;
  const [folder, folderUid] = [entry.text("folder").trim(), entry.text("folderUid").trim()];
  if (usesFolders && (folder !== "" || folderUid !== "")) {
    entry.refuse(
      "folder",
      "folder and folderUid have to be empty with foldersFromFilesStructure",
      "remove one of them",
    );
  }
  const seconds = entry.integer("updateIntervalSeconds") ?? DEFAULT_INTERVAL_S;
  return {
    name: entry.text("name") || "default",
    path: resolve(cwd, path),
    folder,
    folderUid,
    disableDeletion: entry.flag("disableDeletion"),
    allowUiUpdates: entry.flag("allowUiUpdates"),
    adminsOnly: entry.flag("adminsOnly"),
    intervalMs: Math.max(1, seconds > 0 ? seconds : DEFAULT_INTERVAL_S) * 1000,
    usesFolders,
  };
}
