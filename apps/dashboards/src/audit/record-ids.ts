import { randomBytes } from "node:crypto";

const DIGITS = 15;

/** Generates ids of audit records that sort by time. Several instances never generate the same id. */
export class RecordIds {
  readonly #instance = randomBytes(4).toString("hex");
  #lastMs = 0;
  #number = 0;

  next(nowMs: number): string {
    const ms = Math.max(0, Math.floor(nowMs));
    this.#number = ms === this.#lastMs ? this.#number + 1 : 0;
    this.#lastMs = ms;
    return `${firstId(ms)}${String(this.#number).padStart(6, "0")}-${this.#instance}`;
  }
}

/** Returns a lower bound for the ids of all audit records from this time on (Unix ms). */
export const firstId = (ms: number): string => `${String(Math.max(0, Math.ceil(ms))).padStart(DIGITS, "0")}-`;

/** Reports whether a text has the form of an audit record's id. */
export const isRecordId = (text: string): boolean => /^\d{15}-[0-9a-f-]{0,40}$/.test(text);
