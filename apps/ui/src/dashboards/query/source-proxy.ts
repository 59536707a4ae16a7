import { rootPath } from "../../api/root-path.ts";

/** Where the role passes calls on to a source. */
export const proxyUrl = (uid: string): string => `${rootPath}/api/datasources/proxy/uid/${encodeURIComponent(uid)}`;
