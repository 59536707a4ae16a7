import type { ScrapeConfig } from "@narthex/config";
import type { HttpClient } from "@narthex/http";
import { invariant } from "@narthex/runtime";

/** Keeps the HTTP clients that were created for a new configuration until the scrape pools of its jobs use them. */
export class PoolClients {
  /** Errors of HTTP clients that could not be created, by the job's name. */
  readonly refused = new Map<string, Error>();
  readonly #connect: (job: ScrapeConfig) => Promise<HttpClient>;
  readonly #made = new Map<string, HttpClient>();

  constructor(connect: (job: ScrapeConfig) => Promise<HttpClient>) {
    this.#connect = connect;
  }

  /** Creates an HTTP client for each job, or records the error if this fails. */
  async connect(jobs: readonly ScrapeConfig[]): Promise<void> {
    for (const job of jobs) {
      try {
        this.#made.set(job.jobName, await this.#connect(job));
      } catch (error) {
        this.refused.set(job.jobName, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** Returns the HTTP client of a job. The caller must close the client. */
  take(jobName: string): HttpClient {
    const client = this.#made.get(jobName);
    invariant(client !== undefined, `job ${jobName} has a client that was made ahead`);
    this.#made.delete(jobName);
    return client;
  }

  /** Closes the HTTP clients that were not taken by a scrape pool. */
  async close(): Promise<void> {
    const left = [...this.#made.values()];
    this.#made.clear();
    await Promise.all(left.map((client) => client.close()));
  }
}
