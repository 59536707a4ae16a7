import type { PrometheusConfig } from "@narthex/config";
import type { Feature } from "@narthex/http";
import type { PreparedChange } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/**
 * A feature of the server: a folder whose `open(context)` returns this interface, and a line in `compose.ts`. Each
 * phase (listen, start, apply, ready) runs for all features in order.
 */
export interface ServerFeature extends Feature<Routes> {
  /** Starts to accept clients, although the server still answers "not ready". */
  listen?(): Promise<void>;
  /** Opens resources that take long to open, such as stored data. Throws a StartError if that fails. */
  start?(): Promise<void> | void;
  /**
   * Functions that apply a configuration to parts of the feature: first the configuration at the start, then the new
   * configuration of each reload.
   */
  readonly apply?: readonly Applier[];
  /** Starts the work that needs a configuration, such as scrapes. The server is ready afterwards. */
  ready?(): void;
  readonly features?: Capabilities;
}

/** A part of the server that uses the configuration. */
export interface Applier {
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

/** Functions that register routes. Each route declares the required access right. */
type Routes = Partial<Record<Scope, (app: FastifyInstance) => Promise<void> | void>>;

/** Content of `/api/v1/features`, by category. A feature is true if it can be used now. */
export type Capabilities = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/**
 * Thrown to end the start with exit status 1. The message and its cause are logged; without a cause, the reason was
 * already logged.
 */
export class StartError extends Error {
  override readonly name = "StartError";
}
