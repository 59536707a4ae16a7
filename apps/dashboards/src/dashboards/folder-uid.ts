import type { FolderStore } from "../folders/folder-store.ts";
import { refusal } from "../web/refusal.ts";
import { type Body, numberAt, textAt } from "../web/request-body.ts";

/**
 * Returns the uid of the folder into which a request saves; empty for the root. Throws a refusal if the folder does not
 * exist.
 */
export function folderUidIn(body: Body, folders: FolderStore): string {
  const uid = textAt(body, "folderUid") || textAt(body, "folderUID");
  if (uid !== "") return uid === "general" ? "" : uid;
  const id = numberAt(body, "folderId") ?? 0;
  if (id === 0) return "";
  const folder = folders.byId(id);
  if (folder === undefined) throw refusal(400, "folder not found");
  return folder.uid;
}
