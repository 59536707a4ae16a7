import type { PrometheusConfig } from "./prometheus-config.ts";

/** A sentence for each part of the file that is understood but does nothing in this build. */
export function unbuiltFeatures(config: PrometheusConfig): string[] {
  const notes: string[] = [];
  const note = (used: boolean, what: string): void => {
    if (used) notes.push(`${what} is accepted, but not in this build: it has no effect`);
  };
  const { remoteWrite } = config;
  note(
    remoteWrite.some(({ azuread }) => azuread !== undefined),
    "azuread of remote_write",
  );
  note(
    remoteWrite.some(({ googleIam }) => googleIam !== undefined),
    "google_iam of remote_write",
  );
  note(config.tracing !== undefined, "tracing");
  return notes;
}
