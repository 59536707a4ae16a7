import type { PrometheusConfig } from "@narthex/config";
import type { Feature } from "@narthex/http";
import type { PreparedChange } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/**
 * A feature of the server: a folder whose `open(context)` returns this, and a line of `compose.ts`. A feature is used by
 * others through further members of its own type. The phases run over all features, in the order of
 * the list: listen, start, apply, ready.
 */
export interface ServerFeature extends Feature<Routes> {
  /** Accepts clients, who are told that the server is not ready yet. */
  listen?(): Promise<void>;
  /** Opens what takes long, such as stored data. Throws a StartError where that cannot be. */
  start?(): Promise<void> | void;
  /** Takes the first configuration after the start, and each later one at a reload. */
  readonly apply?: readonly Applier[];
  /** Begins the work that needs a configuration. The server is ready afterwards. */
  ready?(): void;
  readonly features?: Capabilities;
}

/** Takes new configurations. */
export interface Applier {
  /** As errors and the log name it. */
  readonly name: string;
  /** Gets ready for a configuration, changing nothing. Throws or rejects where it cannot be taken. */
  readonly prepare: (config: PrometheusConfig) => Promise<PreparedChange> | PreparedChange;
  /** It takes the configuration anew when other jobs have been found beside those of the file. */
  readonly takesFoundJobs?: true;
}

/**
 * Where routes are mounted: below the route prefix, or below `/api/v1` with headers for other origins. `WhenReady` routes
 * answer 503 until the server is ready and while it stops; those of the API answer errors in its envelope and read forms.
 */
export type Scope = "root" | "rootWhenReady" | "api" | "apiWhenReady";

/** Registers routes in a scope of their own, each with the access that it needs. */
export type Routes = Partial<Record<Scope, (app: FastifyInstance) => Promise<void> | void>>;

/** What `/api/v1/features` tells, by category: true is usable now. */
export type Capabilities = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/** Ends the start with status 1. Its message and cause are logged; an error without a cause is not. */
export class StartError extends Error {
  override readonly name = "StartError";
}
