import { pino } from "pino";
import type { Clock } from "./clock.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "logfmt" | "json";

/** Fields of one log line; errors print as their message. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines carry these fields too. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

/** Prometheus' log lines (time, level, msg, fields) as logfmt or JSON, written by pino. */
export function createLogger(options: LoggerOptions): Logger {
  const { clock, format, write } = options;
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    { write: (json: string) => write(format === "json" ? reorder(json) : logfmt(json)) },
  );
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

/** pino prints `err` objects with their stack; our lines carry the sentence. */
function printable(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) out[key] = value instanceof Error ? value.message : value;
  return out;
}

function parts(json: string): [string, unknown][] {
  const { time, level, msg, ...rest } = JSON.parse(json) as Record<string, unknown>;
  return [["time", time], ["level", level], ["msg", msg], ...Object.entries(rest)];
}

const reorder = (json: string): string => `${JSON.stringify(Object.fromEntries(parts(json)))}\n`;

const BARE = /^[^\s="\\\p{C}]+$/u;

function logfmt(json: string): string {
  const words = parts(json).map(([key, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${key}=${BARE.test(text) ? text : JSON.stringify(text)}`;
  });
  return `${words.join(" ")}\n`;
}
