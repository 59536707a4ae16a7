/** A note for the user about the migration of a program. The text contains file and line, if known. */
export interface Note {
  /**
   * `blocks`: the program cannot be migrated. `differs`: the new server behaves differently. `fact`: information only.
   */
  readonly level: "blocks" | "differs" | "fact";
  readonly text: string;
}

export const blocks = (text: string): Note => ({ level: "blocks", text });
export const differs = (text: string): Note => ({ level: "differs", text });
export const fact = (text: string): Note => ({ level: "fact", text });
