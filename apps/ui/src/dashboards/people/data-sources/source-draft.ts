import { patchDashboard, type SourceSetting, valueAtPath } from "@narthex/dashboards";
import type { SourceDraft, SourceKindForm, SourceSettings } from "./data-sources-api.ts";

/** Returns a draft that contains the saved settings of a data source, without secrets. */
export function draftOf({ secureJsonFields: _fields, readOnly: _readOnly, ...settings }: SourceSettings): SourceDraft {
  return { ...settings, secureJsonData: {} };
}

/** Returns the value of a setting in a draft, otherwise the default of the kind of data source. */
export function settingOf(draft: SourceDraft, path: readonly string[], { defaults }: SourceKindForm): unknown {
  const value = valueAtPath(draft, path);
  if (value !== undefined) return value;
  const [place, key = ""] = path;
  return place === "jsonData" && Object.hasOwn(defaults, key) ? defaults[key] : undefined;
}

/** Returns a draft with another value of a setting. Undefined removes the setting. */
export function withSetting(draft: SourceDraft, path: readonly string[], value: unknown): SourceDraft {
  if (path.length === 1) return { ...draft, [path[0]!]: value };
  return patchDashboard({ ...draft }, [{ path, value }]) as unknown as SourceDraft;
}

/**
 * Reports whether the input for a setting is shown: the setting's condition on another setting holds, or there is no
 * condition.
 */
export function isShown({ when }: SourceSetting, draft: SourceDraft, kind: SourceKindForm): boolean {
  if (when === undefined) return true;
  const value = settingOf(draft, when.path, kind);
  const other = kind.settings.find(({ path }) => path.join(".") === when.path.join("."));
  const usual = other?.type === "switch" ? false : (other?.choices?.[0] ?? "");
  return when.values.includes((value ?? usual) as string | boolean);
}

/** An HTTP header that the server adds to its requests to a data source. */
export interface SourceHeader {
  readonly name: string;
  /** New value of the header. Undefined keeps the stored value. */
  readonly value: string | undefined;
}

const headerKeys = (number: number): readonly [name: string, value: string] => [
  `httpHeaderName${number}`,
  `httpHeaderValue${number}`,
];

/** Returns the HTTP headers in a draft. Their numbers start at 1. */
export function headersOf({ jsonData, secureJsonData }: SourceDraft): readonly SourceHeader[] {
  const headers: SourceHeader[] = [];
  for (let number = 1; ; number++) {
    const [nameKey, valueKey] = headerKeys(number);
    const name = jsonData[nameKey];
    if (typeof name !== "string") return headers;
    headers.push({ name, value: secureJsonData[valueKey] });
  }
}

/** Returns a draft in which the header with a number is replaced. Undefined removes the last header. */
export function withHeader(draft: SourceDraft, number: number, header: SourceHeader | undefined): SourceDraft {
  const [nameKey, valueKey] = headerKeys(number);
  const named = withSetting(draft, ["jsonData", nameKey], header?.name);
  return withSetting(named, ["secureJsonData", valueKey], header === undefined ? "" : header.value);
}
