import type { ScrapeConfig } from "@narthex/config";
import type { HttpClient } from "@narthex/http";
import { invariant } from "@narthex/runtime";

/** Clients made ahead for the jobs of a configuration, until each has gone to its pool. */
export class PoolClients {
  /** Why a job could not have its client, by the job's name. */
  readonly refused = new Map<string, Error>();
  readonly #connect: (job: ScrapeConfig) => Promise<HttpClient>;
  readonly #made = new Map<string, HttpClient>();

  constructor(connect: (job: ScrapeConfig) => Promise<HttpClient>) {
    this.#connect = connect;
  }

  /** Makes a client for each job, or notes why not. */
  async connect(jobs: readonly ScrapeConfig[]): Promise<void> {
    for (const job of jobs) {
      try {
        this.#made.set(job.jobName, await this.#connect(job));
      } catch (error) {
        this.refused.set(job.jobName, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** Hands a job's client over: closing it is the caller's business now. */
  take(jobName: string): HttpClient {
    const client = this.#made.get(jobName);
    invariant(client !== undefined, `job ${jobName} has a client that was made ahead`);
    this.#made.delete(jobName);
    return client;
  }

  /** Closes what no one took. */
  async close(): Promise<void> {
    const left = [...this.#made.values()];
    this.#made.clear();
    await Promise.all(left.map((client) => client.close()));
  }
}
