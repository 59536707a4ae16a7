import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

const folders = `${rootPath}/api/folders`;
const pathOf = (uid: string): string => `${folders}/${encodeURIComponent(uid)}`;

/**
 * @param parentUid uid of the parent folder; empty for none
 * @throws {ApiError}
 */
export const addFolder = (title: string, parentUid: string): Promise<{ readonly uid: string; readonly url: string }> =>
  fetchJson(folders, { method: "POST", json: { title, ...(parentUid === "" ? {} : { parentUid }) } });

/** @throws {ApiError} */
export const renameFolder = (uid: string, title: string): Promise<unknown> =>
  fetchJson(pathOf(uid), { method: "PUT", json: { title, overwrite: true } });

/**
 * @param parentUid uid of the parent folder; empty for none
 * @throws {ApiError}
 */
export const moveFolder = (uid: string, parentUid: string): Promise<unknown> =>
  fetchJson(`${pathOf(uid)}/move`, { method: "POST", json: { parentUid } });

/**
 * Deletes a folder with its content.
 * @throws {ApiError}
 */
export const deleteFolder = (uid: string): Promise<unknown> => fetchJson(pathOf(uid), { method: "DELETE" });
