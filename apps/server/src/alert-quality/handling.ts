/** How the firings of the alerts with one name were handled, from the history of an Alertmanager. */
export interface Handling {
  /** Number of firings in the history. */
  readonly firings: number;
  readonly silenced: number;
  readonly acknowledged: number;
}

interface Entry extends Handling {
  readonly alertname: string;
}

/** Reads the answer of `GET /api/v2/narthex/alert-handling` by the names of alerts. Throws if it has another form. */
export function readHandling(text: string): ReadonlyMap<string, Handling> {
  const answer: unknown = JSON.parse(text);
  if (!Array.isArray(answer)) throw new Error("the answer is not a list");
  const entries = (answer as readonly unknown[]).filter(isEntry);
  return new Map(
    entries.map(({ alertname, firings, silenced, acknowledged }) => [alertname, { firings, silenced, acknowledged }]),
  );
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { alertname, firings, silenced, acknowledged } = value as Partial<Entry>;
  return typeof alertname === "string" && [firings, silenced, acknowledged].every((count) => Number.isInteger(count));
}
