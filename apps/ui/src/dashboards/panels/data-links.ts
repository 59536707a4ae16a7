import {
  type DisplayValue,
  type Field,
  type Frame,
  frameName,
  interpolate,
  joinFormatted,
  labelsText,
  type Lookup,
  valueAt,
} from "@narthex/dashboards";

/** A link of a value with its names filled in. */
export interface FilledLink {
  readonly title: string;
  readonly url: string;
  readonly isNewTab: boolean;
  /** Followed by a click on the value itself. */
  readonly isOneClick: boolean;
}

/** The value that a link stands at. */
export interface LinkedValue {
  readonly field: Field;
  readonly frame: Frame;
  readonly row: number;
  readonly shown: (field: Field, row: number) => DisplayValue;
  /** What fields of the frame are called. */
  readonly nameOf: (field: Field) => string;
}

/** The address where a link may lead: relative, or of a scheme that runs nothing; undefined of any other. */
export function safeAddress(url: string): string | undefined {
  // Browsers leave out control characters and blanks of a scheme.
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  const plain = url.replaceAll(/[\u0000-\u001f]/g, "").trim();
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(plain)?.[1]?.toLowerCase();
  if (plain === "" || (scheme !== undefined && !["http", "https", "mailto", "tel"].includes(scheme))) return undefined;
  return plain;
}

function textOf(value: unknown): string {
  if (typeof value === "object") return value === null ? "" : JSON.stringify(value);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The field that `fields[2]`, `fields["Name"]` or `fields.Name` means, and what is asked of its value. */
function fieldAsked(part: string, at: LinkedValue): { field: Field; aspect: string } | undefined {
  const match = /^fields(?:\[(\d{1,6})\]|\[["'](.+)["']\]|\.(.+?))(?:\.(text|numeric|raw))?$/.exec(part);
  if (match === null) return undefined;
  const [, index, quoted, dotted, aspect = "text"] = match;
  const name = quoted ?? dotted;
  const { fields } = at.frame;
  const field =
    index === undefined
      ? (fields.find((one) => at.nameOf(one) === name) ?? fields.find((one) => one.name === name))
      : fields[Number(index)];
  return field === undefined ? undefined : { field, aspect };
}

function aspectOf(at: LinkedValue, field: Field, aspect: string): string | undefined {
  if (aspect === "raw") return textOf(valueAt(field, at.row));
  const shown = at.shown(field, at.row);
  if (aspect === "numeric") return Number.isNaN(shown.numeric) ? "" : String(shown.numeric);
  return aspect === "text" || aspect === "" ? joinFormatted(shown) : undefined;
}

function labelOf({ labels = {} }: Field, part: string): string | undefined {
  const quoted = /^labels\[["'](.+)["']\]$/.exec(part)?.[1];
  const name = quoted ?? part.slice("labels.".length);
  return Object.hasOwn(labels, name) ? labels[name] : "";
}

function partOf(at: LinkedValue, name: string, part: string): string | undefined {
  const { field, frame } = at;
  switch (name) {
    case "__value":
      if (part !== "time") return aspectOf(at, field, part);
      return textOf(valueAt(frame.fields.find(({ type }) => type === "time") ?? field, at.row));
    case "__field":
      if (part === "name") return at.nameOf(field);
      if (part === "labels") return labelsText(field.labels ?? {});
      return part.startsWith("labels") ? labelOf(field, part) : undefined;
    case "__series":
      return part === "name" ? frameName(frame) : undefined;
    case "__data": {
      if (part === "refId") return frame.refId ?? "";
      if (part === "name") return frame.name ?? "";
      const asked = fieldAsked(part, at);
      return asked === undefined ? undefined : aspectOf(at, asked.field, asked.aspect);
    }
    default:
      return undefined;
  }
}

const PLAIN: Readonly<Record<string, string>> = { __value: "", __field: "name", __series: "name", __data: "name" };

function lookupAt(at: LinkedValue, encode: (text: string) => string): Lookup {
  return (name, part) => {
    if (!Object.hasOwn(PLAIN, name)) return undefined;
    const asked = part ?? PLAIN[name]!;
    const found = partOf(at, name, asked);
    if (found === undefined) return undefined;
    const value = encode(found);
    const bound = { name, values: [value], texts: [value], isMulti: false, isVerbatim: true };
    return part === undefined ? bound : { ...bound, parts: { [part]: value } };
  };
}

/**
 * The links of a value. Those whose address may run something are left out.
 * @param fill puts the dashboard's variables into a text; names of the value itself stay for this function
 */
export function linksOf(at: LinkedValue, fill: (text: string) => string): readonly FilledLink[] {
  const { links } = at.field.config;
  if (!Array.isArray(links) || links.length === 0) return [];
  const inText = lookupAt(at, (text) => text);
  // What a source gives may end within a pair of surrogates.
  const inUrl = lookupAt(at, (text) => encodeURIComponent(text.toWellFormed()));
  return links.flatMap((link): FilledLink[] => {
    const { title, url, targetBlank, oneClick } = (link ?? {}) as Partial<Record<string, unknown>>;
    if (typeof url !== "string") return [];
    // An address that is nothing but a value is one as it stands.
    const isWhole = /^\$\{[^}]*\}$/.test(url.trim());
    const address = safeAddress(interpolate(fill(url), isWhole ? inText : inUrl));
    if (address === undefined) return [];
    const words = typeof title === "string" ? interpolate(fill(title), inText) : "";
    return [{ title: words || address, url: address, isNewTab: targetBlank === true, isOneClick: oneClick === true }];
  });
}
