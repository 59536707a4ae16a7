import type { PrometheusConfig } from "@narthex/config";
import type { Feature } from "@narthex/http";
import type { PreparedChange } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/**
 * A feature of the server. It consists of a folder whose `open(context)` returns this interface, and a line in
 * `compose.ts`. Other features use it through further members of its own type. Each phase runs for all features in the
 * order of the list: listen, start, apply, ready.
 */
export interface ServerFeature extends Feature<Routes> {
  /** Starts to accept clients. The server answers them that it is not ready yet. */
  listen?(): Promise<void>;
  /** Opens resources that take long to open, such as stored data. Throws a StartError if that fails. */
  start?(): Promise<void> | void;
  /** Appliers of the feature. The first configuration is applied after the start, later ones at each reload. */
  readonly apply?: readonly Applier[];
  /** Starts the work for which a configuration is needed. Afterwards the server is ready. */
  ready?(): void;
  readonly features?: Capabilities;
}

/** A part of the server to which new configurations are applied. */
export interface Applier {
  /** Name of the part in errors and in the log. */
  readonly name: string;
  /**
   * Prepares for a configuration without changing anything. Throws or rejects if the part cannot use the configuration.
   */
  readonly prepare: (config: PrometheusConfig) => Promise<PreparedChange> | PreparedChange;
  /** Set if the configuration must be applied again when the discovered jobs change. */
  readonly takesFoundJobs?: true;
}

/**
 * Places at which routes are mounted: below the route prefix (`root`), or below `/api/v1` with CORS headers (`api`).
 * Routes of `…WhenReady` are answered with 503 until the server is ready and while it stops. API routes answer errors
 * in the API's envelope and parse forms.
 */
export type Scope = "root" | "rootWhenReady" | "api" | "apiWhenReady";

/** Functions that register routes in a separate scope. Each route declares the access that it needs. */
type Routes = Partial<Record<Scope, (app: FastifyInstance) => Promise<void> | void>>;

/** Content of `/api/v1/features`, by category. A feature is true if it can be used now. */
export type Capabilities = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/**
 * Thrown to end the start with exit status 1. The message is logged with its cause; without a cause, nothing is logged
 * because the reason was logged before.
 */
export class StartError extends Error {
  override readonly name = "StartError";
}
