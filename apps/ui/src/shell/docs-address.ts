import { homePath, rootPath } from "../api/root-path.ts";

/** Returns the address of a page of the documentation, which every program serves together with its pages. */
export const docsAddress = (page = ""): string => `${homePath ?? rootPath}/docs/${page === "" ? "" : `${page}.html`}`;
