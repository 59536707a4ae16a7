/** How bad a finding is. */
export type Level = "error" | "warning" | "ok";

/** What a check has to say. */
export interface Finding {
  readonly level: Level;
  readonly what: string;
  /** The command or the line that puts it right; "" where all is well. */
  readonly hint: string;
}

export const ok = (what: string): Finding => ({ level: "ok", what, hint: "" });
export const warning = (what: string, hint: string): Finding => ({ level: "warning", what, hint });
export const error = (what: string, hint: string): Finding => ({ level: "error", what, hint });
