import type { PrometheusConfig } from "./prometheus-config.ts";

/** Returns a sentence for each configured feature that Narthex accepts but does not support. */
export function unbuiltFeatures(config: PrometheusConfig): string[] {
  const notes: string[] = [];
  const note = (used: boolean, what: string): void => {
    if (used) notes.push(`${what} is accepted, but not in this build: it has no effect`);
  };
  note(config.tracing !== undefined, "tracing");
  return notes;
}
