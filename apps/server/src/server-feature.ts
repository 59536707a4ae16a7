import type { PrometheusConfig } from "@narthex/config";
import type { Feature } from "@narthex/http";
import type { PreparedChange } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/**
 * A feature of the server: a folder whose `open(context)` returns this, and a line of `compose.ts`. Other features use
 * it through further members of its own type. Each phase runs for all features in the order of the list: listen, start,
 * apply, ready.
 */
export interface ServerFeature extends Feature<Routes> {
  /** Accepts clients; the server answers that it is not ready yet. */
  listen?(): Promise<void>;
  /** Opens resources that take long, such as stored data. Throws a StartError if that fails. */
  start?(): Promise<void> | void;
  /** Takes the first configuration after the start, and each later one at a reload. */
  readonly apply?: readonly Applier[];
  /** Starts the work that needs a configuration. The server is ready afterwards. */
  ready?(): void;
  readonly features?: Capabilities;
}

/** A part that takes new configurations. */
export interface Applier {
  /** Its name in errors and in the log. */
  readonly name: string;
  /** Prepares for a configuration without changing anything. Throws or rejects if the configuration cannot be used. */
  readonly prepare: (config: PrometheusConfig) => Promise<PreparedChange> | PreparedChange;
  /** Takes the configuration again if other jobs are discovered in addition to those of the file. */
  readonly takesFoundJobs?: true;
}

/**
 * Mount points of routes: below the route prefix, or below `/api/v1` with CORS headers. `WhenReady` routes answer 503
 * until the server is ready and while it stops. API routes answer errors in the API's envelope and parse forms.
 */
export type Scope = "root" | "rootWhenReady" | "api" | "apiWhenReady";

/** Functions that register routes in a scope of their own, each with the access that it needs. */
type Routes = Partial<Record<Scope, (app: FastifyInstance) => Promise<void> | void>>;

/** Content of `/api/v1/features`, by category: true if usable now. */
export type Capabilities = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/** Ends the start with status 1. Its message and cause are logged; an error without a cause is not. */
export class StartError extends Error {
  override readonly name = "StartError";
}
