import { type Frame, isNumeric, type ResolvedTimeRange } from "@narthex/dashboards";

/** Largest number of values that a plugin gets. */
const MAX_CELLS = 1_000_000;

interface PlainField {
  readonly name: string;
  readonly type: string;
  readonly values: readonly unknown[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly config: object;
}

/** A frame in the form of the contract of plugins. */
export interface PlainFrame {
  readonly name?: string;
  readonly fields: readonly PlainField[];
}

/**
 * Returns frames as plain values, which can be sent to the frame of a plugin. Columns of types that the contract does
 * not have are left out. Undefined if the frames have too many values.
 */
export function plainFrames(frames: readonly Frame[]): readonly PlainFrame[] | undefined {
  if (frames.reduce((sum, { fields, length }) => sum + fields.length * length, 0) > MAX_CELLS) return undefined;
  return frames.map(({ name, fields }) => ({
    ...(name !== undefined && { name }),
    fields: fields.flatMap((field): readonly PlainField[] => {
      if (field.type === "json" || field.type === "frame") return [];
      const { labels, type } = field;
      const { displayName, displayNameFromDS, unit, decimals, min, max } = field.config;
      const config = JSON.parse(
        JSON.stringify({ displayName: displayName ?? displayNameFromDS, unit, decimals, min, max }),
      ) as object;
      const values = isNumeric(field)
        ? Array.from(field.values, (value, row) => (field.nulls?.[row] === 1 ? null : value))
        : [...field.values];
      return [{ name: field.name, type, values, ...(labels !== undefined && { labels: { ...labels } }), config }];
    }),
  }));
}

/** An action that the plugin of a panel asks for. */
export type PluginAction =
  | { readonly kind: "ready" }
  | { readonly kind: "drawn" }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "setTimeRange"; readonly range: ResolvedTimeRange }
  | { readonly kind: "openLink"; readonly url: string };

const MAX_MESSAGE = 1000;
const MAX_URL = 4000;
/** The last time that a `Date` can represent, epoch ms. */
const LAST_TIME = 8_640_000_000_000_000;

/** Reads a message from the frame of a plugin. Returns undefined for anything that the contract does not have. */
export function readAction(data: unknown): PluginAction | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const given = data as Readonly<Record<string, unknown>>;
  if (given["narthexPanel"] !== 1) return undefined;
  const { kind, message, from, to, url } = given;
  switch (kind) {
    case "ready":
    case "drawn":
      return { kind };
    case "error":
      return typeof message === "string" ? { kind, message: message.slice(0, MAX_MESSAGE) } : undefined;
    case "setTimeRange":
      return isTime(from) && isTime(to) && from < to ? { kind, range: { from, to } } : undefined;
    case "openLink":
      return typeof url === "string" && url.length <= MAX_URL && isWebAddress(url) ? { kind, url } : undefined;
    default:
      return undefined;
  }
}

const isTime = (value: unknown): value is number => typeof value === "number" && Math.abs(value) <= LAST_TIME;

const isWebAddress = (url: string): boolean => URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
