import { fetchJson } from "../../../../api/request.ts";
import { rootPath } from "../../../../api/root-path.ts";

/** Requests a listing of a data source, such as its tables or fields, for the completion in query forms. */
export const requestResource = <T>(uid: string, path: string, json: object, signal: AbortSignal): Promise<T> =>
  fetchJson<T>(`${rootPath}/api/narthex/sources/${encodeURIComponent(uid)}/resources/${path}`, {
    method: "POST",
    json,
    signal,
  });
