import { rootPath } from "../../api/root-path.ts";

/** Returns the address at which the server forwards calls to a data source. */
export const proxyUrl = (uid: string): string => `${rootPath}/api/datasources/proxy/uid/${encodeURIComponent(uid)}`;
