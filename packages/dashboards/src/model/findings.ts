/** A change that the reader made to a dashboard, for the dashboard's owner to review. */
export interface Change {
  /** Path in the JSON after the change: `panels[3].options.legend`. Empty for the dashboard itself. */
  readonly path: string;
  /** A sentence that describes the change. */
  readonly what: string;
}

/** A part of a dashboard that could not be read or converted unchanged. */
export interface Problem {
  readonly path: string;
  /** A sentence that describes what was found in the dashboard and what replaces it. */
  readonly message: string;
}

const MOST = 500;

/**
 * Collects changes and problems that are found while a dashboard is read. After 500 of each kind, further ones are only
 * counted, so that a broken file cannot fill the memory.
 */
export class Findings {
  readonly #changes: Change[] = [];
  readonly #problems: Problem[] = [];
  #furtherChanges = 0;
  #furtherProblems = 0;

  change(path: string, what: string): void {
    if (this.#changes.length < MOST) this.#changes.push({ path, what });
    else this.#furtherChanges++;
  }

  problem(path: string, message: string): void {
    if (this.#problems.length < MOST) this.#problems.push({ path, message });
    else this.#furtherProblems++;
  }

  get changes(): readonly Change[] {
    if (this.#furtherChanges === 0) return this.#changes;
    return [...this.#changes, { path: "", what: `There are ${this.#furtherChanges} further changes of this kind.` }];
  }

  get problems(): readonly Problem[] {
    if (this.#furtherProblems === 0) return this.#problems;
    return [...this.#problems, { path: "", message: `There are ${this.#furtherProblems} further problems.` }];
  }
}

/** Returns a value as text for quoting it in a message. */
export function quoted(value: unknown): string {
  const text =
    typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "an object") : undefined;
  if (text !== undefined) return text;
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
