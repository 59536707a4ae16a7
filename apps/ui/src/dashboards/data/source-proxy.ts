import { rootPath } from "../../api/root-path.ts";

/** Returns the address of the server's proxy to a data source. */
export const proxyUrl = (uid: string): string => `${rootPath}/api/datasources/proxy/uid/${encodeURIComponent(uid)}`;
