/** A note about the migration of a role: a sentence that names the place if there is one. */
export interface Note {
  /** The note blocks the migration of the role, states a difference, or only informs. */
  readonly level: "blocks" | "differs" | "fact";
  readonly text: string;
}

export const blocks = (text: string): Note => ({ level: "blocks", text });
export const differs = (text: string): Note => ({ level: "differs", text });
export const fact = (text: string): Note => ({ level: "fact", text });
