import type { DataSourceSettings } from "./data-source.ts";

/** Returns a secret of a source, or an empty text. */
export const secretOf = ({ secureJsonData }: Pick<DataSourceSettings, "secureJsonData">, key: string): string =>
  Object.hasOwn(secureJsonData, key) ? secureJsonData[key]! : "";
