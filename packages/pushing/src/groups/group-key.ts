import { utf8Text } from "@narthex/bytes";
import { compareBytewise, quote } from "@narthex/model";
import type { NameRules } from "../body/name-rules.ts";

/**
 * Labels that identify a group of pushed metrics, sorted by name. Unlike labels of a series, they may have empty
 * values.
 */
export type GroupLabels = readonly (readonly [name: string, value: string])[];

/** Labels from the URL of a push, or an error with Pushgateway's message. */
export type GroupPath =
  | { readonly ok: true; readonly labels: GroupLabels }
  | { readonly ok: false; readonly message: string };

const BASE64_SUFFIX = "@base64";

/** Separates names and values. A lone surrogate never occurs in valid UTF-8, so no name or value contains it. */
const SEPARATOR = "\ud800";

/** Returns a text that identifies a group in maps and in the store. */
export const groupKey = (labels: GroupLabels): string => labels.flat().join(SEPARATOR);

const refused = (message: string): GroupPath => ({ ok: false, message });

/**
 * Parses the percent-decoded path after `/metrics/` in a push's URL: `job/<job>{/<name>/<value>}`. A name ends in
 * `@base64` if its value is encoded. A trailing slash means an empty last value. If a name is repeated, the last value
 * counts.
 */
export function parseGroupPath(path: string, names: NameRules): GroupPath {
  const [jobName = "", rawJob = "", ...rest] = path.split("/");
  let job = rawJob;
  if (jobName.endsWith(BASE64_SUFFIX)) {
    const decoded = decodeUrlBase64(rawJob);
    if (!decoded.ok) return refused(`invalid base64 encoding in job name "": ${decoded.message}`);
    job = decoded.text;
  }
  const labels = new Map<string, string>();
  if (rest.length > 0 && !(rest.length === 1 && rest[0] === "")) {
    const problem = readLabels(rest, names, labels);
    if (problem !== undefined) return refused(problem);
  }
  if (job === "") return refused("job name is required");
  labels.set("job", job);
  return { ok: true, labels: [...labels].toSorted((a, b) => compareBytewise(a[0], b[0])) };
}

/**
 * Adds labels from path segments, which are names and values alternately, to `labels`. Returns the first error, or
 * undefined.
 */
function readLabels(segments: readonly string[], names: NameRules, labels: Map<string, string>): string | undefined {
  if (segments.length % 2 !== 0) return `odd number of components in label string ${quote(`/${segments.join("/")}`)}`;
  for (let i = 0; i < segments.length; i += 2) {
    const isEncoded = segments[i]!.endsWith(BASE64_SUFFIX);
    const segment = isEncoded ? segments[i]!.slice(0, -BASE64_SUFFIX.length) : segments[i]!;
    const value = segments[i + 1]!;
    const name = names.unescape(segment);
    if (!names.isLabel(name) || segment.startsWith("__")) return `improper label name ${quote(segment)}`;
    const decoded = isEncoded ? decodeUrlBase64(value) : ({ ok: true, text: value } as const);
    if (!decoded.ok) return `invalid base64 encoding for label ${segment}=${quote(value)}: ${decoded.message}`;
    labels.set(name, decoded.text);
  }
  return undefined;
}

/** Text decoded from URL-safe base64, or the error message of Go's decoder. */
type Decoded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

const ALPHABET = /[A-Za-z0-9_-]/;

/** Decodes base64 in the URL-safe alphabet of RFC 4648. Padding is optional. A single `=` represents the empty text. */
function decodeUrlBase64(encoded: string): Decoded {
  let end = encoded.length;
  while (end > 0 && encoded[end - 1] === "=") end--;
  const bare = encoded.slice(0, end);
  for (let i = 0; i < bare.length; i++) if (!ALPHABET.test(bare[i]!)) return corruptAt(i);
  // Refuses a single remaining character, because it has only six bits, less than a byte.
  if (bare.length % 4 === 1) return corruptAt(bare.length - 1);
  return { ok: true, text: utf8Text(Buffer.from(bare, "base64url")) };
}

const corruptAt = (index: number): Decoded => ({
  ok: false,
  message: `illegal base64 data at input byte ${index}`,
});
