import type { pino } from "pino";
import lightPino from "pino/browser.js";
import type { Clock } from "./clock.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "logfmt" | "json";

/** Fields of one log line. A field that is an error is printed as its message. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Returns a logger that adds these fields to its lines. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

/**
 * Returns a logger that prints log lines like Prometheus (time, level, msg, fields), as logfmt or JSON. Uses pino's
 * browser build, because pino's default build needs 14 MB more memory for each process.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { clock, format, write } = options;
  const root = lightPino({
    level: options.level,
    timestamp: false,
    browser: {
      asObject: true,
      formatters: { level: (label: string) => ({ level: label.toUpperCase() }) },
      write: (entry: object) => {
        const { time: _none, level, msg, ...rest } = entry as Record<string, unknown>;
        const line = { time: new Date(clock.now()).toISOString(), level, msg, ...rest };
        write(format === "json" ? `${textOf(line)}\n` : logfmt(line));
      },
    },
  });
  return adapt(root);
}

type PinoLike = Pick<pino.Logger, "debug" | "info" | "warn" | "error" | "child">;

function adapt(target: PinoLike): Logger {
  return {
    debug: (message, fields = {}) => target.debug(printable(fields), message),
    info: (message, fields = {}) => target.info(printable(fields), message),
    warn: (message, fields = {}) => target.warn(printable(fields), message),
    error: (message, fields = {}) => target.error(printable(fields), message),
    child: (fields) => adapt(target.child(printable(fields))),
  };
}

/** Returns the fields with each error replaced by its message. pino would print `err` objects with their stack. */
function printable(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) out[key] = value instanceof Error ? value.message : value;
  return out;
}

/** Returns a value as JSON. A value that JSON does not support becomes a text. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  } catch {
    return JSON.stringify(String(value));
  }
}

const BARE = /^[^\s="\\\p{C}]+$/u;

function logfmt(line: Readonly<Record<string, unknown>>): string {
  const words: string[] = [];
  for (const [key, value] of Object.entries(line)) {
    if (value === undefined || typeof value === "function" || typeof value === "symbol") continue;
    const json = typeof value === "string" ? "" : textOf(value);
    // Uses the text of a value that is a string in JSON, such as a date.
    const text = typeof value === "string" ? value : json.startsWith('"') ? (JSON.parse(json) as string) : json;
    words.push(`${key}=${BARE.test(text) ? text : JSON.stringify(text)}`);
  }
  return `${words.join(" ")}\n`;
}
