/** A note about the migration of a role: a sentence, which contains file and line if there are any. */
export interface Note {
  /** `blocks`: the role cannot be migrated; `differs`: the role behaves differently; `fact`: information only. */
  readonly level: "blocks" | "differs" | "fact";
  readonly text: string;
}

export const blocks = (text: string): Note => ({ level: "blocks", text });
export const differs = (text: string): Note => ({ level: "differs", text });
export const fact = (text: string): Note => ({ level: "fact", text });
