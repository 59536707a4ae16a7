import type { LogFields, Logger, LogLevel } from "../logger.ts";

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Returns a logger that keeps its lines in memory for the test. */
export function memoryLogger(lines: LogLine[] = [], base: LogFields = {}): Logger & { readonly lines: LogLine[] } {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields: { ...base, ...fields } });
    };
  return {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => memoryLogger(lines, { ...base, ...fields }),
  };
}
