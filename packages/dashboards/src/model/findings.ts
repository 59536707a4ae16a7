/** What reading did to a dashboard, for its owner to look over. */
export interface Change {
  /** Where in the JSON as it is now: `panels[3].options.legend`. Empty: the dashboard. */
  readonly path: string;
  /** A sentence. */
  readonly what: string;
}

/** What could not be read or taken over as it was. */
export interface Problem {
  readonly path: string;
  /** A sentence that says what was found and what stands in its place. */
  readonly message: string;
}

const MOST = 500;

/** Collects changes and problems; beyond 500 of each they are only counted, so that a broken file cannot fill the memory. */
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

/** A value as it is quoted in a sentence. */
export function quoted(value: unknown): string {
  const text =
    typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "an object") : undefined;
  if (text !== undefined) return text;
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
