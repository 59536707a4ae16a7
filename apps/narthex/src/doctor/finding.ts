export type Level = "error" | "warning" | "ok";

export interface Finding {
  readonly level: Level;
  readonly what: string;
  /** A command or configuration line that solves the problem; empty if there is no problem. */
  readonly hint: string;
}

export const ok = (what: string): Finding => ({ level: "ok", what, hint: "" });
export const warning = (what: string, hint: string): Finding => ({ level: "warning", what, hint });
export const error = (what: string, hint: string): Finding => ({ level: "error", what, hint });
