import type { AlertAcknowledgement } from "@narthex/notification";
import type { Alert } from "../alerts/alert.ts";
import { RefusedRequest } from "../refused-request.ts";
import { isTime } from "../untrusted-json.ts";

/** A person's note that they work on a firing alert, as it is stored. Times are Unix ms. */
export interface Acknowledgement extends AlertAcknowledgement {
  /** Fingerprint of the alert: 16 hexadecimal digits. An alert has at most one acknowledgement. */
  readonly fingerprint: string;
  /** Start of the alert when it was acknowledged. */
  readonly startsAt: number;
  /** Time at which the alert ended or the person withdrew the acknowledgement. Undefined while it is in force. */
  readonly endedAt?: number;
  /**
   * Time of the last change of the acknowledgement. The version that was changed later replaces the other version.
   */
  readonly updatedAt: number;
  /**
   * Time until which the acknowledgement is stored. While the alert fires on an instance, that instance extends this
   * time.
   */
  readonly keptUntil: number;
}

/** Thrown if a request about an acknowledgement is refused. */
export class AcknowledgementError extends RefusedRequest {
  override readonly name = "AcknowledgementError";
}

/** Message of the refusal if an alert cannot be acknowledged because it does not fire. */
export const NOT_FIRING = "the alert does not fire";

/** Maximum numbers of UTF-16 code units of the comment and of the person's name. */
export const MAX_COMMENT = 1000;
export const MAX_NAME = 200;

/**
 * Reports whether an acknowledgement is in force and belongs to the current firing of an alert. An alert that started
 * after the acknowledgement fires again.
 */
export const covers = ({ createdAt, startsAt, endedAt }: Acknowledgement, alert: Pick<Alert, "startsAt">): boolean =>
  endedAt === undefined && alert.startsAt <= Math.max(createdAt, startsAt);

/**
 * Joins two versions of an acknowledgement. The later change replaces the other, and the later `keptUntil` is used. The
 * result does not depend on the order of the versions, so all instances get the same result. Returns `a` itself if `b`
 * changes nothing. If two changes have the same time, the choice is arbitrary.
 */
export function joinVersions(a: Acknowledgement, b: Acknowledgement): Acknowledgement {
  const keptUntil = Math.max(a.keptUntil, b.keptUntil);
  const isNewer = a.updatedAt > b.updatedAt || (a.updatedAt === b.updatedAt && contentOf(a) >= contentOf(b));
  const newer = isNewer ? a : b;
  return newer.keptUntil === keptUntil ? newer : { ...newer, keptUntil };
}

const contentOf = (acknowledgement: Acknowledgement): string =>
  printAcknowledgement({ ...acknowledgement, keptUntil: 0 });

/** Returns an acknowledgement as JSON, for the store and for other instances. */
export const printAcknowledgement = (acknowledgement: Acknowledgement): string => {
  const { fingerprint, createdBy, comment, createdAt, startsAt, endedAt, updatedAt, keptUntil } = acknowledgement;
  return JSON.stringify({ fingerprint, createdBy, comment, createdAt, startsAt, endedAt, updatedAt, keptUntil });
};

/**
 * Parses an acknowledgement from a store or another instance. Throws an Error with the reason if the text is invalid,
 * or if a field is longer than a client's request may make it.
 */
export function readUntrustedAcknowledgement(text: string): Acknowledgement {
  const found = JSON.parse(text) as { [K in keyof Acknowledgement]?: unknown } | null;
  if (typeof found !== "object" || found === null) throw new Error("invalid acknowledgement: it is not a JSON object");
  const { fingerprint, createdBy, comment, createdAt, startsAt, endedAt, updatedAt, keptUntil } = found;
  const fail = (name: keyof Acknowledgement): never => {
    throw new Error(`invalid acknowledgement: ${name} is missing or has an invalid value`);
  };
  const time = (value: unknown, name: keyof Acknowledgement): number => (isTime(value) ? value : fail(name));
  const textOf = (value: unknown, name: keyof Acknowledgement, longest: number): string =>
    typeof value === "string" && value.length <= longest ? value : fail(name);
  return {
    fingerprint: isFingerprint(fingerprint) ? fingerprint : fail("fingerprint"),
    createdBy: textOf(createdBy, "createdBy", MAX_NAME),
    comment: textOf(comment, "comment", MAX_COMMENT),
    createdAt: time(createdAt, "createdAt"),
    startsAt: time(startsAt, "startsAt"),
    ...(endedAt === undefined ? {} : { endedAt: time(endedAt, "endedAt") }),
    updatedAt: time(updatedAt, "updatedAt"),
    keptUntil: time(keptUntil, "keptUntil"),
  };
}

const isFingerprint = (found: unknown): found is string => typeof found === "string" && /^[0-9a-f]{16}$/.test(found);
