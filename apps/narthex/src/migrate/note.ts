/** Something about a role's move, in a sentence that names the place where there is one. */
export interface Note {
  /** Does it keep the role from being taken over, does something become different, or is it only good to know? */
  readonly level: "blocks" | "differs" | "fact";
  readonly text: string;
}

export const blocks = (text: string): Note => ({ level: "blocks", text });
export const differs = (text: string): Note => ({ level: "differs", text });
export const fact = (text: string): Note => ({ level: "fact", text });
