import { createHash } from "node:crypto";
import { isLabelName, type Matcher, type MatchType, PatternError, quote } from "@narthex/model";
import { alertMatcher } from "../matchers/matcher-text.ts";
import { RefusedRequest } from "../refused-request.ts";

/** A silence. While it is active, alerts that match all its matchers are not notified. Times are Unix ms. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly updatedAt: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export type SilenceState = "active" | "expired" | "pending";

export function silenceState(silence: Pick<Silence, "endsAt" | "startsAt">, now: number): SilenceState {
  if (now < silence.startsAt) return "pending";
  return now > silence.endsAt ? "expired" : "active";
}

/** One label matcher of a silence, with the field names of the API. */
export interface MatcherFields {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** A request about a silence is refused. The message is Alertmanager's message, if Alertmanager reports this error. */
export class SilenceError extends RefusedRequest {
  override readonly name = "SilenceError";
}

const TYPES: Readonly<Record<string, MatchType>> = {
  "true,false": "=",
  "false,false": "!=",
  "true,true": "=~",
  "false,true": "!~",
};

export const fieldsOf = ({ name, value, type }: Matcher): MatcherFields => ({
  name,
  value,
  isRegex: type.endsWith("~"),
  isEqual: type.startsWith("="),
});

/** Compiles a client's matchers. Throws SilenceError. */
export function compileMatchers(fields: readonly MatcherFields[], scheme: "legacy" | "utf8" = "utf8"): Matcher[] {
  const matchers = fields.map(({ name, value, isRegex, isEqual }, i) => {
    const prefix = `invalid silence: invalid label matcher ${i} in set 0`;
    if (!isLabelName(name, scheme)) throw new SilenceError(`${prefix}: invalid label name ${quote(name)}`);
    try {
      return alertMatcher(TYPES[`${isEqual},${isRegex}`]!, name, value);
    } catch (cause) {
      if (!(cause instanceof PatternError)) throw cause;
      throw new SilenceError(`${prefix}: invalid regular expression ${quote(value)}: ${cause.message}`);
    }
  });
  // Treats every negative matcher as not matching the empty string, as Alertmanager does.
  if (matchers.every(({ type, matchesEmpty }) => type.startsWith("=") && matchesEmpty)) {
    throw new SilenceError("invalid silence: matcher set 0: at least one matcher must not match the empty string");
  }
  return matchers;
}

/** Reports whether two lists contain the same matchers in the same order. */
export const sameMatchers = (a: readonly Matcher[], b: readonly Matcher[]): boolean =>
  a.length === b.length && a.every((matcher, i) => matcherKey(matcher) === matcherKey(b[i]!));

/** Returns a text that identifies a matcher by its name, type and value. */
export const matcherKey = ({ name, type, value }: Matcher): string => `${name}\ud800${type}\ud800${value}`;

/** Derives a UUID (version 5) from a namespace and a name, so that every instance derives the same id. */
export function derivedId(from: string, name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(`${from}\u0000${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A random UUID, used as the namespace of derived ids. */
const NAMESPACE = Buffer.from("6d9c5b0c1c1f4b6f9d0c3f3c8c0f7a52", "hex");
